// User info endpoint with the JDK's HttpServer and BasicAuthenticator.
import com.sun.net.httpserver.BasicAuthenticator;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.util.Map;
import java.util.concurrent.Executors;
import static java.nio.charset.StandardCharsets.UTF_8;

public class UserInfoServer {
    static final Map<String, String> USERS = Map.of(
        "ada@example.com",
        "{\"groups\":[{\"name\":\"analysts\"},{\"name\":\"Zürich\"}],"
            + "\"authorizations\":{\"region\":[\"emea\",\"apac\"],\"clearance\":[\"internal\"]}}",
        "grace@example.com", "{\"groups\":[],\"authorizations\":{}}",
        "o'neill+test@example.com",
        "{\"groups\":[{\"name\":\"R&D <core>\"}],\"authorizations\":{\"site\":[\"Köln/Süd\"]}}",
        "jörg müller", "{\"groups\":[{\"name\":\"analysts\"}],\"authorizations\":{\"region\":[\"emea\"]}}");

    public static void main(String[] args) throws IOException {
        int port = Integer.parseInt(System.getenv().getOrDefault("PORT", "8080"));
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
        server.createContext("/user-info", UserInfoServer::handle).setAuthenticator(new BasicAuthenticator("users") {
            @Override
            public boolean checkCredentials(String username, String password) {
                return username.equals("immuta") && password.equals("open:sesame 42");
            }
        });
        server.setExecutor(Executors.newFixedThreadPool(8));
        server.start();
    }

    static void handle(HttpExchange exchange) throws IOException {
        String query = exchange.getRequestURI().getRawQuery();
        String userid = "";
        for (String parameter : query == null ? new String[0] : query.split("&")) {
            if (parameter.startsWith("userid=")) userid = URLDecoder.decode(parameter.substring(7), UTF_8);
        }
        String user = USERS.get(userid);
        if (!exchange.getRequestMethod().equals("GET")) {
            exchange.sendResponseHeaders(405, -1);
        } else if (user == null) {
            exchange.sendResponseHeaders(404, -1);
        } else {
            byte[] body = user.getBytes(UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
        exchange.close();
    }
}
