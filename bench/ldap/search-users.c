/* Owns the peer of the ldap benchmark that is written in C: libldap, one connection, a fixed number of searches in flight.
 * usage: search-users URL BASE USERS IN_FLIGHT SECONDS [GROUP_BASE]; prints look-ups a second.
 * With GROUP_BASE each look-up is two searches: the user, then the groups that name it. */
#include <ldap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

static double now(void) {
  struct timeval t;
  gettimeofday(&t, NULL);
  return t.tv_sec + t.tv_usec / 1e6;
}

static void check(int rc, const char *what) {
  if (rc == LDAP_SUCCESS) return;
  fprintf(stderr, "%s: %s\n", what, ldap_err2string(rc));
  exit(1);
}

static LDAP *ld;
static char *user_attributes[] = {"mail", "departmentNumber", "pwdAccountLockedTime", NULL};
static char *group_attributes[] = {"cn", NULL};

static void ask_user(const char *base, long user) {
  char filter[160];
  int id;
  snprintf(filter, sizeof filter, "(&(objectClass=inetOrgPerson)(mail=user%ld@example.com))", user);
  check(ldap_search_ext(ld, base, LDAP_SCOPE_SUBTREE, filter, user_attributes, 0, NULL, NULL, NULL, 2, &id), "search");
}

static void ask_groups(const char *base, const char *dn) {
  char filter[400];
  int id;
  snprintf(filter, sizeof filter, "(&(objectClass=groupOfNames)(member=%s))", dn);
  check(ldap_search_ext(ld, base, LDAP_SCOPE_SUBTREE, filter, group_attributes, 0, NULL, NULL, NULL, 0, &id), "search");
}

/* Reads what a client reads: every value. */
static long read_entry(LDAPMessage *entry) {
  long bytes = 0;
  BerElement *ber = NULL;
  for (char *name = ldap_first_attribute(ld, entry, &ber); name; name = ldap_next_attribute(ld, entry, ber)) {
    struct berval **values = ldap_get_values_len(ld, entry, name);
    for (int i = 0; values && values[i]; i++) bytes += values[i]->bv_len;
    ldap_value_free_len(values);
    ldap_memfree(name);
  }
  if (ber) ber_free(ber, 0);
  return bytes;
}

int main(int argc, char **argv) {
  if (argc < 6) return 2;
  const char *base = argv[2], *group_base = argc > 6 ? argv[6] : NULL;
  long users = atol(argv[3]), in_flight = atol(argv[4]), done = 0, next = 0, bytes = 0, open = 0;
  double seconds = atof(argv[5]);
  int version = 3;
  check(ldap_initialize(&ld, argv[1]), "initialize");
  ldap_set_option(ld, LDAP_OPT_PROTOCOL_VERSION, &version);
  struct berval none = {0, NULL};
  check(ldap_sasl_bind_s(ld, NULL, LDAP_SASL_SIMPLE, &none, NULL, NULL, NULL), "bind");
  for (; open < in_flight; open++) ask_user(base, (next++ * 7919) % users);
  double start = now(), end = start + seconds;
  while (open > 0) {
    LDAPMessage *message = NULL;
    int type = ldap_result(ld, LDAP_RES_ANY, LDAP_MSG_ALL, NULL, &message);
    if (type <= 0) return 1;
    LDAPMessage *entry = ldap_first_entry(ld, message);
    char *dn = entry ? ldap_get_dn(ld, entry) : NULL;
    if (!dn) return 1;
    for (; entry; entry = ldap_next_entry(ld, entry)) bytes += read_entry(entry);
    if (group_base && strncmp(dn, "uid=", 4) == 0) {
      ask_groups(group_base, dn);
    } else {
      done++;
      if (now() < end) ask_user(base, (next++ * 7919) % users);
      else open--;
    }
    ldap_memfree(dn);
    ldap_msgfree(message);
  }
  printf("%.0f\n", done / (now() - start));
  return bytes > 0 ? 0 : 1;
}
