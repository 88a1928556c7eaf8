// A service that checks tokens with go-oidc, and answers with their claims.
package main

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
)

var typ = cmp.Or(os.Getenv("TYP"), "at+jwt")

// The library reads no header for us, and knows no access tokens.
func isAccessToken(token string) bool {
	var header struct{ Typ string }
	first, _, _ := strings.Cut(token, ".")
	bytes, err := base64.RawURLEncoding.DecodeString(first)
	return err == nil && json.Unmarshal(bytes, &header) == nil && strings.EqualFold(header.Typ, typ)
}

// For each request. `aud`, `iss`, `exp` and the signature are the library's.
func verify(ctx context.Context, verifier *oidc.IDTokenVerifier, authorization string) (map[string]any, int) {
	scheme, token, _ := strings.Cut(authorization, " ")
	if !strings.EqualFold(scheme, "Bearer") || !isAccessToken(token) {
		return nil, http.StatusUnauthorized
	}
	verified, err := verifier.Verify(ctx, token)
	if network := net.Error(nil); errors.As(err, &network) {
		return nil, http.StatusServiceUnavailable // the keys can't be had
	}
	var claims map[string]any
	if err != nil || verified.Claims(&claims) != nil {
		return nil, http.StatusUnauthorized
	}
	for _, name := range []string{"iat", "sub", "jti", "client_id"} {
		if claims[name] == nil {
			return nil, http.StatusUnauthorized
		}
	}
	scope, _ := claims["scope"].(string)
	if !slices.Contains(strings.Fields(scope), "orders:read") {
		return nil, http.StatusForbidden
	}
	return claims, http.StatusOK
}

func main() {
	// Once, when the service starts. The keys are kept until a token names one that is not among them.
	provider, err := oidc.NewProvider(context.Background(), os.Getenv("ISSUER"))
	if err != nil {
		log.Fatal(err)
	}
	verifier := provider.Verifier(&oidc.Config{
		ClientID:             os.Getenv("AUDIENCE"),
		SupportedSigningAlgs: []string{cmp.Or(os.Getenv("ALG"), oidc.ES256)},
	})
	http.HandleFunc("GET /", func(answer http.ResponseWriter, request *http.Request) {
		claims, status := verify(request.Context(), verifier, request.Header.Get("Authorization"))
		answer.WriteHeader(status)
		_ = json.NewEncoder(answer).Encode(claims)
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
