// A user info endpoint that uses only the JDK (com.sun.net.httpserver), Java 17 or later.
//
//     LANG=C.UTF-8 USER_INFO_USERNAME=immuta USER_INFO_PASSWORD=choose-one java UserInfoEndpoint.java
//     curl -u immuta:choose-one 'http://127.0.0.1:8080/user-info?userid=ada%40example.com'
//
// It speaks HTTP on 127.0.0.1, port PORT (8080 unless set); put a proxy in front that terminates TLS. Java's standard library has no JSON support, so each line
// of users.tsv is a user id, a tab, and the body of the 200 as the exporting program wrote it.
//
// What it shows: the JDK's BasicAuthenticator accepts the scheme in one letter case only and sends some 401 responses without a challenge, so the header
// is read here. URLDecoder replaces bytes that are not UTF-8 with U+FFFD, so a strict decoder is used. A context handles every
// path below its own, so the path is compared. The server itself rejects a broken escape with a 400, before this program receives it.
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;

public class UserInfoEndpoint {
    private final Map<String, String> users = new HashMap<>();
    private final byte[] expected;

    UserInfoEndpoint(String username, String password, List<String> lines) {
        expected = Base64.getEncoder().encode((username + ":" + password).getBytes(UTF_8));
        for (String line : lines) {
            String[] cells = line.split("\t", 2);
            // A truncated line, or a second line for a user, must never become a response.
            boolean isWhole = cells.length == 2 && cells[1].matches("\\{\"groups\":\\[.*],\"authorizations\":\\{.*}}");
            if (!isWhole || users.put(cells[0], cells[1]) != null) throw new IllegalStateException("users.tsv is invalid: each line must be a new user id, a tab and user info in JSON");
        }
    }

    /** Compares the encoded credentials with the expected ones in constant time. Credentials that are never decoded cannot be decoded incorrectly. */
    private boolean isAuthenticated(HttpExchange exchange) {
        List<String> headers = exchange.getRequestHeaders().getOrDefault("Authorization", List.of());
        if (headers.size() != 1 || !headers.get(0).regionMatches(true, 0, "Basic ", 0, 6)) return false;
        return MessageDigest.isEqual(headers.get(0).substring(6).getBytes(ISO_8859_1), expected);
    }

    /** Decodes form encoding strictly. Throws IllegalArgumentException for a broken escape, CharacterCodingException for bytes that are not UTF-8. */
    private static String decode(String raw) throws CharacterCodingException {
        return UTF_8.newDecoder().decode(ISO_8859_1.encode(URLDecoder.decode(raw, ISO_8859_1))).toString();
    }

    /** Returns the only userid; null if it is missing, repeated, empty, too long, badly encoded or contains control characters. */
    private static String findUserid(String query) {
        List<String> found = new ArrayList<>();
        // The charset of raw letters beyond ASCII is unknown.
        if (query == null || !query.chars().allMatch(letter -> letter > ' ' && letter <= '~')) return null;
        try {
            for (String pair : query.split("&")) {
                String[] parts = pair.split("=", 2);
                if (decode(parts[0]).equals("userid")) found.add(parts.length == 2 ? decode(parts[1]) : "");
            }
        } catch (IllegalArgumentException | CharacterCodingException broken) {
            return null;
        }
        if (found.size() != 1 || found.get(0).isEmpty() || found.get(0).getBytes(UTF_8).length > 1024) return null;
        return found.get(0).chars().anyMatch(Character::isISOControl) ? null : found.get(0);
    }

    /** Authenticates first: without credentials, a known user, an unknown one and a wrong path look the same. */
    private void handle(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().set("Cache-Control", "no-store");
        if (!isAuthenticated(exchange)) {
            exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"user-info\", charset=\"UTF-8\"");
            refuse(exchange, 401, "Credentials are missing or wrong.");
        } else if (!exchange.getRequestURI().getRawPath().equals("/user-info") || exchange.getRequestURI().getRawFragment() != null) {
            refuse(exchange, 404, "There is nothing at this path.");
        } else if (!List.of("GET", "HEAD").contains(exchange.getRequestMethod())) {
            exchange.getResponseHeaders().set("Allow", "GET, HEAD");
            refuse(exchange, 405, "Only GET and HEAD are supported.");
        } else {
            String userid = findUserid(exchange.getRequestURI().getRawQuery());
            if (userid == null) refuse(exchange, 400, "Exactly one userid is needed, as percent-encoded UTF-8.");
            else if (!users.containsKey(userid)) refuse(exchange, 404, "There is no such user.");
            else send(exchange, 200, "application/json", users.get(userid));
        }
    }

    /** Sends a problem document (RFC 9457), which no caller can mistake for user info. */
    private static void refuse(HttpExchange exchange, int status, String title) throws IOException {
        send(exchange, status, "application/problem+json", "{\"title\":\"%s\",\"status\":%d}".formatted(title, status));
    }

    private static void send(HttpExchange exchange, int status, String contentType, String body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", contentType);
        boolean isHead = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, isHead ? -1 : 0); // -1: no body; 0: a body of unknown length, sent in chunks
        if (!isHead) exchange.getResponseBody().write(body.getBytes(UTF_8));
        exchange.close();
    }

    public static void main(String[] arguments) throws IOException {
        String username = System.getenv().getOrDefault("USER_INFO_USERNAME", "");
        String password = System.getenv().getOrDefault("USER_INFO_PASSWORD", "");
        if (username.isEmpty() || username.contains(":") || password.isEmpty()) {
            throw new IllegalStateException("Set USER_INFO_USERNAME, which must not contain a colon, and USER_INFO_PASSWORD.");
        }
        int port = Integer.parseInt(System.getenv().getOrDefault("PORT", "8080"));
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
        server.setExecutor(Executors.newFixedThreadPool(8));
        server.createContext("/", new UserInfoEndpoint(username, password, Files.readAllLines(Path.of("users.tsv"), UTF_8))::handle);
        server.start();
    }
}
