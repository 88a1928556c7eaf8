// Signs a person in with x/oauth2 and go-oidc: prints where their browser goes, reads where it comes back, prints who it
// is.
package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/url"
	"os"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// What is expected of the answer belongs into the session of the browser that is sent off.
type expected struct{ state, nonce, verifier string }

type app struct {
	oauth2.Config
	provider *oidc.Provider
}

// Once, when the app starts. Without a secret it is a public app, and PKCE alone shows that it is the same one.
func discover(ctx context.Context) (*app, error) {
	provider, err := oidc.NewProvider(ctx, os.Getenv("ISSUER"))
	if err != nil {
		return nil, err
	}
	return &app{provider: provider, Config: oauth2.Config{
		ClientID:     os.Getenv("CLIENT_ID"),
		ClientSecret: os.Getenv("CLIENT_SECRET"),
		RedirectURL:  os.Getenv("REDIRECT_URI"),
		Endpoint:     provider.Endpoint(),
		Scopes:       []string{oidc.ScopeOpenID, "profile", "email", oidc.ScopeOfflineAccess},
	}}, nil
}

// For each browser that comes back. The libraries compare neither `state` nor `iss` nor `nonce`.
func (app *app) callback(ctx context.Context, back url.Values, expected expected) (map[string]any, error) {
	var metadata struct {
		Issuer     string `json:"issuer"`
		EndSession string `json:"end_session_endpoint"`
	}
	if err := app.provider.Claims(&metadata); err != nil {
		return nil, err
	}
	if back.Get("state") != expected.state {
		return nil, errors.New("this browser did not begin to sign in")
	}
	if back.Get("iss") != metadata.Issuer {
		return nil, errors.New("another provider answers")
	}
	tokens, err := app.Exchange(ctx, back.Get("code"), oauth2.VerifierOption(expected.verifier))
	if err != nil {
		return nil, err
	}
	raw, _ := tokens.Extra("id_token").(string)
	idToken, err := app.provider.VerifierContext(ctx, &oidc.Config{ClientID: app.ClientID}).Verify(ctx, raw)
	if err != nil {
		return nil, err
	}
	if idToken.Nonce != expected.nonce {
		return nil, errors.New("the ID token is of another sign-in")
	}
	if err := idToken.VerifyAccessToken(tokens.AccessToken); err != nil {
		return nil, err
	}
	var claims, userinfo map[string]any
	if err := idToken.Claims(&claims); err != nil {
		return nil, err
	}
	told, err := app.provider.UserInfo(ctx, oauth2.StaticTokenSource(tokens))
	if err != nil {
		return nil, err
	}
	if told.Subject != idToken.Subject {
		return nil, errors.New("the userinfo is about somebody else")
	}
	if err := told.Claims(&userinfo); err != nil {
		return nil, err
	}
	// By itself the source of tokens does this when the access token has expired. Both tokens are new.
	refreshed, err := app.TokenSource(ctx, &oauth2.Token{RefreshToken: tokens.RefreshToken}).Token()
	if err != nil {
		return nil, err
	}
	home, _ := url.Parse(app.RedirectURL)
	logout := url.Values{"id_token_hint": {raw}, "post_logout_redirect_uri": {home.JoinPath("..").String()}}
	return map[string]any{
		"claims": claims, "userinfo": userinfo, "tokens": tokens, "refreshed": refreshed,
		"logout": metadata.EndSession + "?" + logout.Encode(),
	}, nil
}

func main() {
	ctx := context.Background()
	app, err := discover(ctx)
	if err != nil {
		log.Fatal(err)
	}
	// For each sign-in.
	expected := expected{state: rand.Text(), nonce: rand.Text(), verifier: oauth2.GenerateVerifier()}
	challenge := oauth2.S256ChallengeOption(expected.verifier)
	fmt.Println(app.AuthCodeURL(expected.state, oidc.Nonce(expected.nonce), challenge))

	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		back, err := url.Parse(lines.Text())
		if err != nil {
			log.Fatal(err)
		}
		said, err := app.callback(ctx, back.Query(), expected)
		if err != nil {
			said = map[string]any{"refused": err.Error()}
			if answer := new(oauth2.RetrieveError); errors.As(err, &answer) {
				said["refused"] = answer.ErrorCode
			}
		}
		line, err := json.Marshal(said)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(string(line))
	}
}
