/* Peer of the ldap benchmark in C: libldap, one connection, a fixed number of searches in flight.
 * usage: search-users URL BASE USERS IN_FLIGHT SECONDS [GROUP_BASE]; prints lookups per second, then p50 and p99 in
 * milliseconds at half that rate. Lookups start at a steady rate, independent of responses, and are measured from when each was due.
 * With GROUP_BASE each lookup consists of two searches: the user, then the user's groups. */
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

/* Start time of the lookup of a message, by message id. */
#define MESSAGES (1 << 20)
static double begun[MESSAGES];

static void ask_user(const char *base, long user, double since) {
  char filter[160];
  int id;
  snprintf(filter, sizeof filter, "(&(objectClass=inetOrgPerson)(mail=user%ld@example.com))", user);
  check(ldap_search_ext(ld, base, LDAP_SCOPE_SUBTREE, filter, user_attributes, 0, NULL, NULL, NULL, 2, &id), "search");
  begun[id % MESSAGES] = since;
}

static void ask_groups(const char *base, const char *dn, double since) {
  char filter[400];
  int id;
  snprintf(filter, sizeof filter, "(&(objectClass=groupOfNames)(member=%s))", dn);
  check(ldap_search_ext(ld, base, LDAP_SCOPE_SUBTREE, filter, group_attributes, 0, NULL, NULL, NULL, 0, &id), "search");
  begun[id % MESSAGES] = since;
}

/* Reads every value, as a client would. */
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

static long bytes = 0;

/* Receives a response if one arrives within the timeout, and sends the second search of a lookup.
 * Returns the start time of the lookup that the response completes, or 0. */
static double take_answer(const char *group_base, struct timeval *timeout) {
  LDAPMessage *message = NULL;
  int type = ldap_result(ld, LDAP_RES_ANY, LDAP_MSG_ALL, timeout, &message);
  if (type == 0 && timeout) return 0;
  if (type <= 0) exit(1);
  double since = begun[ldap_msgid(message) % MESSAGES];
  LDAPMessage *entry = ldap_first_entry(ld, message);
  char *dn = entry ? ldap_get_dn(ld, entry) : NULL;
  if (!dn) exit(1);
  for (; entry; entry = ldap_next_entry(ld, entry)) bytes += read_entry(entry);
  if (group_base && strncmp(dn, "uid=", 4) == 0) {
    ask_groups(group_base, dn, since);
    since = 0;
  }
  ldap_memfree(dn);
  ldap_msgfree(message);
  return since;
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

int main(int argc, char **argv) {
  if (argc < 6) return 2;
  const char *base = argv[2], *group_base = argc > 6 ? argv[6] : NULL;
  long users = atol(argv[3]), in_flight = atol(argv[4]), done = 0, next = 0, open = 0;
  double seconds = atof(argv[5]);
  int version = 3;
  check(ldap_initialize(&ld, argv[1]), "initialize");
  ldap_set_option(ld, LDAP_OPT_PROTOCOL_VERSION, &version);
  struct berval none = {0, NULL};
  check(ldap_sasl_bind_s(ld, NULL, LDAP_SASL_SIMPLE, &none, NULL, NULL, NULL), "bind");
  double start = now(), end = start + seconds;
  for (; open < in_flight; open++) ask_user(base, (next++ * 7919) % users, start);
  while (open > 0) {
    if (take_answer(group_base, NULL) == 0) continue;
    done++;
    if (now() < end) ask_user(base, (next++ * 7919) % users, start);
    else open--;
  }
  double rate = done / (now() - start) / 2;
  long wanted = rate * (seconds < 2 ? seconds : 2), started = 0;
  double *durations = calloc(wanted, sizeof(double));
  for (done = 0, start = now(); done < wanted;) {
    for (; started < wanted && start + started / rate <= now(); started++)
      ask_user(base, (next++ * 7919) % users, start + started / rate);
    double pause = started < wanted ? start + started / rate - now() : 1;
    struct timeval timeout = {0, pause <= 0 ? 0 : pause < 0.5 ? pause * 1e6 : 500000};
    double since = take_answer(group_base, &timeout);
    if (since > 0) durations[done++] = (now() - since) * 1000;
  }
  qsort(durations, wanted, sizeof(double), compare);
  printf("%.0f %.3f %.3f\n", rate * 2, durations[wanted / 2], durations[wanted * 99 / 100]);
  return bytes > 0 ? 0 : 1;
}
