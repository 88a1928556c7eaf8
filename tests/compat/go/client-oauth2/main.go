// An app that calls a service with a token that x/oauth2 gets. It calls once for each line that it reads.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/url"
	"os"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

type app struct {
	clientcredentials.Config
	client *http.Client
}

// For each call. The client keeps its token until ten seconds before it ends; at a 401 a new client begins without one.
func (app *app) call(ctx context.Context) (int, error) {
	answer, err := app.client.Get(os.Getenv("SERVICE"))
	if err == nil && answer.StatusCode == http.StatusUnauthorized { // the signing key was withdrawn, say
		answer.Body.Close()
		app.client = app.Client(ctx)
		answer, err = app.client.Get(os.Getenv("SERVICE"))
	}
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	return answer.StatusCode, nil
}

func main() {
	// Once, when the app starts. The secret is the API key.
	ctx := context.Background()
	issuer, err := oidc.NewProvider(ctx, os.Getenv("ISSUER"))
	if err != nil {
		log.Fatal(err)
	}
	app := &app{Config: clientcredentials.Config{
		ClientID:       os.Getenv("CLIENT_ID"),
		ClientSecret:   os.Getenv("CLIENT_SECRET"),
		TokenURL:       issuer.Endpoint().TokenURL,
		AuthStyle:      oauth2.AuthStyleInHeader,
		Scopes:         []string{"orders:read"},
		EndpointParams: url.Values{"resource": {os.Getenv("RESOURCE")}},
	}}
	app.client = app.Client(ctx)

	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		status, err := app.call(ctx)
		if refused := new(oauth2.RetrieveError); errors.As(err, &refused) {
			fmt.Println(refused.ErrorCode)
		} else if err != nil {
			fmt.Println(err)
		} else {
			fmt.Println(status)
		}
	}
}
