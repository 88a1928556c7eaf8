// A service that checks tokens with golang-jwt, with keys from keyfunc, and answers with their claims.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/time/rate"
)

type claims struct {
	jwt.RegisteredClaims
	ClientID string `json:"client_id"`
	Scope    string `json:"scope"`
}

var typ = cmp.Or(os.Getenv("TYP"), "at+jwt")

// For each request. `typ` and what has to be there are left to us.
func verify(parser *jwt.Parser, keys keyfunc.Keyfunc, authorization string) (*claims, int) {
	scheme, text, _ := strings.Cut(authorization, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return nil, http.StatusUnauthorized
	}
	said := new(claims)
	token, err := parser.ParseWithClaims(text, said, keys.Keyfunc)
	if err != nil {
		return nil, http.StatusUnauthorized
	}
	if shown, _ := token.Header["typ"].(string); !strings.EqualFold(shown, typ) {
		return nil, http.StatusUnauthorized
	}
	if said.IssuedAt == nil || said.Subject == "" || said.ID == "" || said.ClientID == "" {
		return nil, http.StatusUnauthorized
	}
	if !slices.Contains(strings.Fields(said.Scope), "orders:read") {
		return nil, http.StatusForbidden
	}
	return said, http.StatusOK
}

// Where the keys are (RFC 8414, OpenID Connect Discovery).
func jwksURI(issuer string) (string, error) {
	answer, err := http.Get(issuer + "/.well-known/openid-configuration")
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	var metadata struct {
		Issuer  string `json:"issuer"`
		JwksURI string `json:"jwks_uri"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&metadata); err != nil {
		return "", err
	}
	if metadata.Issuer != issuer {
		return "", errors.New("the metadata are of another issuer")
	}
	return metadata.JwksURI, nil
}

func seconds(name string, otherwise int) time.Duration {
	if number, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return time.Duration(number) * time.Second
	}
	return time.Duration(otherwise) * time.Second
}

func main() {
	// Once, when the service starts. The keys are read again every five minutes, and for an unknown one at most every
	// half a minute.
	uri, err := jwksURI(os.Getenv("ISSUER"))
	if err != nil {
		log.Fatal(err)
	}
	keys, err := keyfunc.NewDefaultOverrideCtx(context.Background(), []string{uri}, keyfunc.Override{
		RefreshInterval:   seconds("JWKS_MAX_AGE", 300),
		RefreshUnknownKID: rate.NewLimiter(rate.Every(seconds("JWKS_PAUSE", 30)), 1),
		RateLimitWaitMax:  2 * time.Second, // for the fetch as well; who comes earlier before the next is refused at once
	})
	if err != nil {
		log.Fatal(err)
	}
	parser := jwt.NewParser(
		jwt.WithValidMethods([]string{cmp.Or(os.Getenv("ALG"), "ES256")}),
		jwt.WithIssuer(os.Getenv("ISSUER")),
		jwt.WithAudience(os.Getenv("AUDIENCE")),
		jwt.WithExpirationRequired(),
	)
	http.HandleFunc("GET /", func(answer http.ResponseWriter, request *http.Request) {
		said, status := verify(parser, keys, request.Header.Get("Authorization"))
		answer.WriteHeader(status)
		_ = json.NewEncoder(answer).Encode(said)
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
