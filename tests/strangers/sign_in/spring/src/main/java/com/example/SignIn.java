package com.example;

import static org.springframework.security.config.Customizer.withDefaults;

import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.annotation.RegisteredOAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.oidc.web.logout.OidcClientInitiatedLogoutSuccessHandler;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.web.OAuth2LoginAuthenticationFilter;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** A web app whose every page is for people who signed in. */
@SpringBootApplication
@RestController
public class SignIn {
    public static void main(String[] arguments) {
        SpringApplication.run(SignIn.class, arguments);
    }

    /** Who signs out here signs out of Hallpass too. */
    @Bean
    SecurityFilterChain security(HttpSecurity http, ClientRegistrationRepository clients) {
        var logout = new OidcClientInitiatedLogoutSuccessHandler(clients);
        logout.setPostLogoutRedirectUri("{baseUrl}/");
        var hallpass = clients.findByRegistrationId("hallpass").getProviderDetails();
        return http.authorizeHttpRequests(all -> all.anyRequest().authenticated())
                .oauth2Login(withDefaults())
                .addFilterBefore(only(hallpass.getIssuerUri()), OAuth2LoginAuthenticationFilter.class)
                .logout(out -> out.logoutSuccessHandler(logout))
                .build();
    }

    /** Refuses what another provider answers (RFC 9207): Spring compares `state` and `nonce`, but not `iss`. */
    private static Filter only(String issuer) {
        return (request, response, chain) -> {
            var isAnswer = ((HttpServletRequest) request).getServletPath().startsWith("/login/oauth2/code/");
            if (isAnswer && !issuer.equals(request.getParameter("iss"))) {
                ((HttpServletResponse) response).sendRedirect("/login?error");
            } else {
                chain.doFilter(request, response);
            }
        };
    }

    /** Who it is, and the access token for a call to a service: refreshed when it expires within a minute. */
    @GetMapping("/")
    Map<String, Object> home(
            @AuthenticationPrincipal OidcUser user,
            @RegisteredOAuth2AuthorizedClient("hallpass") OAuth2AuthorizedClient client) {
        return Map.of(
                "claims", user.getIdToken().getClaims(),
                "userinfo", user.getUserInfo().getClaims(),
                "access_token", client.getAccessToken().getTokenValue(),
                "refresh_token", client.getRefreshToken().getTokenValue());
    }
}
