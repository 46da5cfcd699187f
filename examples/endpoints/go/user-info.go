// A user info endpoint that uses only Go's standard library, over HTTP, or over HTTPS with a client certificate in addition to Basic.
//
//	PORT=8080 USER_INFO_USERNAME=immuta USER_INFO_PASSWORD=choose-one go run user-info.go
//	curl -u immuta:choose-one 'http://127.0.0.1:8080/user-info?userid=ada%40example.com'
//
// With CLIENT_EMAIL it speaks HTTPS, with the PEM files TLS_CERTIFICATE and TLS_KEY, and rejects TLS handshakes without a certificate of
// the CA in CLIENT_CA; the e-mail address in it must be CLIENT_EMAIL. Users come from ../users.json. What it shows: url.ParseQuery,
// unlike URL.Query, reports broken escapes. A nil slice becomes null in JSON, which is not a list of groups: users without a list are
// detected at startup. ServeMux would clean paths and redirect; a plain comparison does not.
package main

import (
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"log"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
	"unicode"
)

type userInfo struct {
	Groups []struct {
		Name string `json:"name"`
	} `json:"groups"`
	Authorizations map[string][]string `json:"authorizations"`
}

type endpoint struct {
	credentials [sha256.Size]byte // digest of "username:password"
	clientEmail string            // empty: no client certificate is required
	users       map[string]userInfo
}

func (e endpoint) isAuthenticated(r *http.Request) bool {
	// BasicAuth accepts the scheme in any letter case, decodes base64 strictly, splits at the first colon, and reads the first of several headers.
	username, password, ok := r.BasicAuth()
	given := sha256.Sum256([]byte(username + ":" + password)) // digests have the same length, so the comparison takes constant time
	return subtle.ConstantTimeCompare(given[:], e.credentials[:]) == 1 && ok && len(r.Header["Authorization"]) == 1
}

// findUserid returns the only userid; "" if it is missing, repeated, empty, too long, badly encoded or contains control characters.
func findUserid(query string) string {
	isRaw := func(r rune) bool { return r > '~' || r == '#' } // unknown charset, or the end of the query for some parsers
	parameters, err := url.ParseQuery(query)
	values := parameters["userid"]
	if err != nil || len(values) != 1 || len(values[0]) > 1024 || strings.ToValidUTF8(values[0], "") != values[0] ||
		strings.IndexFunc(query, isRaw) >= 0 || strings.IndexFunc(values[0], unicode.IsControl) >= 0 {
		return ""
	}
	return values[0]
}

// refuse sends a problem document (RFC 9457), which no caller can mistake for user info.
func refuse(w http.ResponseWriter, status int, title string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]any{"status": status, "title": title})
}

// ServeHTTP authenticates first: without credentials, a known user, an unknown one and a wrong path look the same.
func (e endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	userid := findUserid(r.URL.RawQuery)
	switch user, known := e.users[userid]; {
	case e.clientEmail != "" && strings.Join(r.TLS.PeerCertificates[0].EmailAddresses, " ") != e.clientEmail:
		refuse(w, http.StatusForbidden, "The client certificate is not the platform's.")
	case !e.isAuthenticated(r):
		w.Header().Set("WWW-Authenticate", `Basic realm="user-info", charset="UTF-8"`)
		refuse(w, http.StatusUnauthorized, "Credentials are missing or wrong.")
	case r.URL.EscapedPath() != "/user-info":
		refuse(w, http.StatusNotFound, "There is nothing at this path.")
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		refuse(w, http.StatusMethodNotAllowed, "Only GET and HEAD are supported.")
	case userid == "":
		refuse(w, http.StatusBadRequest, "Exactly one userid is needed, as percent-encoded UTF-8.")
	case !known:
		refuse(w, http.StatusNotFound, "There is no such user.")
	default:
		w.Header().Set("Content-Type", "application/json")
		w.(http.Flusher).Flush() // before the length is known: the response is sent in chunks
		json.NewEncoder(w).Encode(user)
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func main() {
	username, password, port := os.Getenv("USER_INFO_USERNAME"), os.Getenv("USER_INFO_PASSWORD"), os.Getenv("PORT")
	if username == "" || strings.Contains(username, ":") || password == "" || port == "" {
		log.Fatal("Set USER_INFO_USERNAME, which must not contain a colon, USER_INFO_PASSWORD and PORT.")
	}
	e := endpoint{credentials: sha256.Sum256([]byte(username + ":" + password)), clientEmail: os.Getenv("CLIENT_EMAIL")}
	must(0, json.Unmarshal(must(os.ReadFile("../users.json")), &e.users))
	for _, user := range e.users {
		if user.Groups == nil || user.Authorizations == nil {
			log.Fatal("A user in ../users.json lacks groups or authorizations. Add empty ones.")
		}
	}
	server := http.Server{Addr: "127.0.0.1:" + port, Handler: e, ReadHeaderTimeout: 10 * time.Second}
	if e.clientEmail == "" {
		log.Fatal(server.ListenAndServe())
	}
	roots := x509.NewCertPool() // an empty pool trusts no certificate
	roots.AppendCertsFromPEM(must(os.ReadFile(os.Getenv("CLIENT_CA"))))
	server.TLSConfig = &tls.Config{ClientCAs: roots, ClientAuth: tls.RequireAndVerifyClientCert, MinVersion: tls.VersionTLS12}
	log.Fatal(server.ListenAndServeTLS(os.Getenv("TLS_CERTIFICATE"), os.Getenv("TLS_KEY")))
}
