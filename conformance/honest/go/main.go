// User info endpoint with Go's net/http over HTTPS.
package main

import (
	"crypto/subtle"
	"encoding/json"
	"log"
	"net/http"
	"os"
)

type Group struct {
	Name string `json:"name"`
}

type UserInfo struct {
	Groups         []Group             `json:"groups"`
	Authorizations map[string][]string `json:"authorizations"`
}

func basicAuth(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		username, password, ok := r.BasicAuth()
		isUser := subtle.ConstantTimeCompare([]byte(username), []byte("immuta")) == 1
		isPassword := subtle.ConstantTimeCompare([]byte(password), []byte("open:sesame 42")) == 1
		if !ok || !isUser || !isPassword {
			w.Header().Set("WWW-Authenticate", `Basic realm="restricted", charset="UTF-8"`)
			http.Error(w, "Unauthorized", http.StatusUnauthorized)
			return
		}
		next(w, r)
	}
}

func main() {
	file, err := os.ReadFile("users.json")
	if err != nil {
		log.Fatal(err)
	}
	users := map[string]UserInfo{}
	if err := json.Unmarshal(file, &users); err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/user-info", basicAuth(func(w http.ResponseWriter, r *http.Request) {
		user, found := users[r.URL.Query().Get("userid")]
		if !found {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(user)
	}))
	log.Fatal(http.ListenAndServeTLS("127.0.0.1:"+os.Getenv("PORT"), "cert.pem", "key.pem", nil))
}
