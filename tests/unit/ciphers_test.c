/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of CIPHERS_LIST_STRING, whatever this build was given: contexts that
 * have no list of their own speak what it names and nothing else.
 *
 * Every cipher of TLS 1.2 that fits the certificate is tried, alone on one
 * side.  Whether the other should take it OpenSSL says, asked for the list.
 */
#include "unit/tls-pair.h"

#include "base/limits.h"

/* names of ciphers, which OpenSSL keeps */
struct ciphers {
	const char *name[200];
	size_t n;
};

/* What OpenSSL makes of @list, as far as it needs a key like our server's. */
static void
read_list(struct ciphers *c, const char *list)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_method());
	const SSL_CIPHER *one;
	STACK_OF(SSL_CIPHER) *all;
	int n;

	c->n = 0;
	assert_non_null(ctx);
	all = SSL_CTX_set_cipher_list(ctx, list) == 1
		? SSL_CTX_get_ciphers(ctx) : NULL;
	for (n = 0; n < sk_SSL_CIPHER_num(all); n++) {
		one = sk_SSL_CIPHER_value(all, n);
		if (SSL_CIPHER_get_auth_nid(one) != NID_auth_ecdsa)
			continue;
		assert_true(c->n < COUNT(c->name));
		c->name[c->n++] = SSL_CIPHER_get_name(one);
	}
	SSL_CTX_free(ctx);
	ERR_clear_error();
}

static bool
is_among(const struct ciphers *c, const char *name)
{
	size_t n;

	for (n = 0; n < c->n; n++)
		if (!strcmp(c->name[n], name))
			return true;
	return false;
}

/* Do they agree, in TLS 1.2?  NULL is the list of the build. */
static bool
agree(const char *servers, const char *clients)
{
	struct unit_tls t;
	bool fine;

	unit_tls_begin(&t);
	unit_version = TLS1_2_VERSION;
	t.serves.ssl_cipher_list = servers;
	t.connects.ssl_cipher_list = clients;
	unit_tls_open(&t);
	unit_tls_meet(&t, NULL, 1);
	unit_tls_shake(&t, WHOLE);
	fine = !t.at_server && !t.at_client;
	unit_tls_part(&t);
	unit_tls_end(&t);
	return fine;
}

/* Both sides of which one has the list of the build are tried. */
static void
try_side(bool server)
{
	struct ciphers all, ours;
	size_t n, met[2] = { 0, 0 };
	const char *name;
	bool wanted;

	read_list(&all, "ALL:COMPLEMENTOFALL");
	read_list(&ours, CIPHERS_LIST_STRING);
	for (n = 0; n < all.n; n++) {
		name = all.name[n];
		/* not by this OpenSSL at this level of security */
		if (!agree(name, name))
			continue;
		wanted = is_among(&ours, name);
		met[wanted]++;
		if (agree(server ? NULL : name, server ? name : NULL) != wanted)
			fail_msg("%s is %s \"%s\"", name, wanted
				 ? "refused, but in" : "spoken, but not in",
				 CIPHERS_LIST_STRING);
	}
	print_message("of \"%s\": %zu, and %zu others\n", CIPHERS_LIST_STRING,
		      met[true], met[false]);
	assert_true(met[true] + met[false] > 1);
	if (!met[true] || !met[false]) {
		print_message("such a list shows half of it\n");
		skip();
	}
}

static bool
can_be_used(char why[LWS_TLS_WHY])
{
	struct unit_tls t;
	int rc;

	unit_tls_begin(&t);
	rc = unit_tls_new(&t.connects, false, &t.client, why);
	unit_tls_end(&t);
	return rc >= 0;
}

static void
skip_unless_usable(void)
{
	char why[LWS_TLS_WHY];

	if (can_be_used(why))
		return;
	print_message("nobody speaks that: %s\n", why);
	skip();
}

static void
test_a_server_without_a_list_speaks_what_the_build_names(void **state)
{
	(void)state;
	skip_unless_usable();
	try_side(true);
}

static void
test_a_client_without_a_list_speaks_what_the_build_names(void **state)
{
	(void)state;
	skip_unless_usable();
	try_side(false);
}

/* In a build whose list has no cipher, which is the point of it. */
static void
test_a_list_without_a_cipher_is_named_unless_there_is_another(void **state)
{
	char why[LWS_TLS_WHY], text[256];
	struct ciphers ours;
	struct unit_tls t;

	(void)state;
	read_list(&ours, CIPHERS_LIST_STRING);
	if (can_be_used(why)) {
		print_message("there are ciphers in \"%s\"\n",
			      CIPHERS_LIST_STRING);
		skip();
	}
	assert_int_equal(ours.n, 0);
	snprintf(text, sizeof(text), "no cipher in \"%s\" can be used",
		 CIPHERS_LIST_STRING);
	assert_string_equal(why, text);
	unit_tls_begin(&t);
	assert_true(unit_tls_new(&t.serves, true, &t.server, why) < 0);
	assert_string_equal(why, text);
	unit_tls_end(&t);
	assert_true(agree("DEFAULT", "DEFAULT"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_a_server_without_a_list_speaks_what_the_build_names),
		cmocka_unit_test(
			test_a_client_without_a_list_speaks_what_the_build_names),
		cmocka_unit_test(
			test_a_list_without_a_cipher_is_named_unless_there_is_another),
	};

	return cmocka_run_group_tests(tests, unit_make_certs, unit_drop_certs);
}
