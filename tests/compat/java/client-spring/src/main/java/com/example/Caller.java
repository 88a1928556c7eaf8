package com.example;

import static org.springframework.security.oauth2.client.web.client.RequestAttributeClientRegistrationIdResolver.clientRegistrationId;
import static org.springframework.security.oauth2.client.web.client.RequestAttributePrincipalResolver.principal;

import java.util.Scanner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.security.oauth2.client.AuthorizedClientServiceOAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.web.client.OAuth2ClientHttpRequestInterceptor;
import org.springframework.security.oauth2.core.OAuth2AuthorizationException;
import org.springframework.web.client.HttpClientErrorException;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;

/** An app that calls a service with a token that Spring Security gets. It calls once for each line that it reads. */
@SpringBootApplication
public class Caller {
    /** The token is kept until a minute before it ends, and forgotten when a service refuses it. */
    @Bean
    RestClient service(ClientRegistrationRepository registrations, OAuth2AuthorizedClientService clients) {
        var manager = new AuthorizedClientServiceOAuth2AuthorizedClientManager(registrations, clients);
        var tokens = new OAuth2ClientHttpRequestInterceptor(manager);
        tokens.setAuthorizationFailureHandler(
                OAuth2ClientHttpRequestInterceptor.authorizationFailureHandler(clients));
        return RestClient.builder()
                .baseUrl(System.getenv("SERVICE"))
                .requestInterceptor(tokens)
                .defaultRequest(request -> request
                        .attributes(clientRegistrationId("hallpass"))
                        .attributes(principal("the app")))
                .build();
    }

    private static int call(RestClient service) {
        try {
            return ask(service);
        } catch (HttpClientErrorException.Unauthorized withdrawn) { // the signing key was withdrawn, say
            return ask(service);
        }
    }

    private static int ask(RestClient service) {
        return service.get().retrieve().toBodilessEntity().getStatusCode().value();
    }

    public static void main(String[] arguments) {
        var service = SpringApplication.run(Caller.class, arguments).getBean(RestClient.class);
        for (var lines = new Scanner(System.in); lines.hasNextLine(); lines.nextLine()) {
            try {
                System.out.println(call(service));
            } catch (OAuth2AuthorizationException refused) {
                System.out.println(refused.getError().getErrorCode());
            } catch (RestClientException error) {
                System.out.println(error.getMessage());
            }
        }
    }
}
