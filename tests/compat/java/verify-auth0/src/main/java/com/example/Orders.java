package com.example;

import com.auth0.jwk.JwkException;
import com.auth0.jwk.JwkProvider;
import com.auth0.jwk.JwkProviderBuilder;
import com.auth0.jwk.SigningKeyNotFoundException;
import com.auth0.jwt.JWT;
import com.auth0.jwt.algorithms.Algorithm;
import com.auth0.jwt.exceptions.JWTVerificationException;
import com.auth0.jwt.interfaces.DecodedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** A service that checks tokens with java-jwt, with keys from jwks-rsa, and answers with their claims. */
public class Orders {
    private static final String ISSUER = System.getenv("ISSUER");
    private static final String AUDIENCE = System.getenv("AUDIENCE");
    private static final String ALG = System.getenv().getOrDefault("ALG", "ES256");
    private static final String TYP = System.getenv().getOrDefault("TYP", "at+jwt");
    private static final long JWKS_MAX_AGE = Long.parseLong(System.getenv().getOrDefault("JWKS_MAX_AGE", "300"));

    /**
     * Found at `/.well-known/jwks.json`, and read again when a token names a key that is not there, ten times a minute at
     * most. A key that was used is kept for five minutes more, whatever is read.
     */
    private final JwkProvider keys = new JwkProviderBuilder(ISSUER)
            .cached(10, JWKS_MAX_AGE, TimeUnit.SECONDS)
            .rateLimited(10, 6, TimeUnit.SECONDS)
            .build();

    /** The algorithm is ours to choose, never the one that the token asks for. */
    private Algorithm algorithm(DecodedJWT unverified) throws JwkException {
        var key = keys.get(unverified.getKeyId()).getPublicKey();
        return switch (ALG) {
            case "ES256" -> Algorithm.ECDSA256((ECPublicKey) key, null);
            case "RS256" -> Algorithm.RSA256((RSAPublicKey) key, null);
            default -> throw new IllegalArgumentException("the library does not know " + ALG);
        };
    }

    private int check(DecodedJWT unverified) {
        try {
            if (!TYP.equalsIgnoreCase(unverified.getType()) || !ALG.equals(unverified.getAlgorithm())) {
                return 401;
            }
            var token = JWT.require(algorithm(unverified))
                    .withIssuer(ISSUER)
                    .withAudience(AUDIENCE)
                    .withClaimPresence("exp")
                    .withClaimPresence("iat")
                    .withClaimPresence("sub")
                    .withClaimPresence("jti")
                    .withClaimPresence("client_id")
                    .build()
                    .verify(unverified);
            var scope = token.getClaim("scope").asString();
            return scope != null && List.of(scope.split(" ")).contains("orders:read") ? 200 : 403;
        } catch (SigningKeyNotFoundException | JWTVerificationException refused) {
            return refused.getCause() instanceof IOException ? 503 : 401;
        } catch (JwkException unreachable) {
            return 503; // the keys can't be had
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        var status = 401;
        var claims = new byte[0];
        var authorization = exchange.getRequestHeaders().getFirst("Authorization");
        if (authorization != null && authorization.regionMatches(true, 0, "Bearer ", 0, 7)) {
            try {
                var unverified = JWT.decode(authorization.substring(7));
                status = check(unverified);
                claims = status == 200 ? Base64.getUrlDecoder().decode(unverified.getPayload()) : claims;
            } catch (JWTVerificationException noToken) {
                status = 401;
            }
        }
        exchange.sendResponseHeaders(status, claims.length == 0 ? -1 : claims.length);
        exchange.getResponseBody().write(claims);
        exchange.close();
    }

    public static void main(String[] arguments) throws IOException {
        var address = new InetSocketAddress("127.0.0.1", Integer.parseInt(System.getenv("PORT")));
        var server = HttpServer.create(address, 0);
        server.createContext("/", new Orders()::answer);
        server.setExecutor(Executors.newCachedThreadPool());
        server.start();
    }
}
