/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of tls/openssl-client.c. */
#include <sys/stat.h>

#include "unit/tls-pair.h"

static void
begin_as(struct unit_tls *t, const char *cert)
{
	static char pem[2][64];

	unit_tls_begin(t);
	snprintf(pem[0], sizeof(pem[0]), "%s.pem", cert);
	snprintf(pem[1], sizeof(pem[1]), "%s.key.pem", cert);
	t->serves.ssl_cert_filepath = unit_cert(pem[0]);
	t->serves.ssl_private_key_filepath = unit_cert(pem[1]);
}

static void
test_a_certificate_is_believed_or_refused_with_its_reason(void **state)
{
	static const struct {
		const char *cert, *host;
		int mode;
		const char *why;	/* NULL: it is fine */
	} rows[] = {
		{ "server", "localhost", 1, NULL },
		{ "server", "LocalHost", 1, NULL },
		{ "server", "localhost.", 1, NULL },
		{ "server", "127.0.0.1", 1, NULL },
		{ "server", "::1", 1, NULL },
		{ "server", "[::1]", 1, NULL },
		{ "server", "0:0::0:1", 1, NULL },
		{ "server", "www.example.org", 1, NULL },
		{ "server", "a.b.example.org", 1, "hostname mismatch" },
		{ "server", "example.org", 1, "hostname mismatch" },
		{ "server", "ocalhost", 1, "hostname mismatch" },
		{ "server", "localhost.example.net", 1, "hostname mismatch" },
		{ "server", "127.0.0.2", 1, "IP address mismatch" },
		{ "server", "::2", 1, "IP address mismatch" },
		{ "server", "any.name", 2, NULL },
		{ "server", "127.0.0.2", 2, NULL },
		{ "host", "host.example.net", 1, NULL },
		{ "host", "localhost", 1, "hostname mismatch" },
		{ "expired", "localhost", 1, "certificate has expired" },
		{ "expired", "localhost", 2, "certificate has expired" },
		{ "early", "localhost", 1, "certificate is not yet valid" },
		{ "early", "localhost", 2, "certificate is not yet valid" },
		{ "self", "localhost", 1, "self-signed certificate" },
		{ "self", "other.name", 2, NULL },
		{ "outdated", "localhost", 2, "certificate has expired" },
		{ "stranger", "localhost", 1,
		  "unable to get local issuer certificate" },
		{ "stranger", "localhost", 2,
		  "unable to get local issuer certificate" },
	};
	struct unit_tls t;
	char why[300];
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(rows); n++) {
		begin_as(&t, rows[n].cert);
		unit_tls_open(&t);
		unit_tls_meet(&t, rows[n].host, rows[n].mode);
		unit_tls_shake(&t, WHOLE);
		snprintf(why, sizeof(why), "%s%s", rows[n].why ?
			 "certificate refused: " : "",
			 rows[n].why ? rows[n].why : "");
		if (!rows[n].why != !t.at_client || strcmp(t.why, why))
			fail_msg("%s as %s, %d: %d, \"%s\"", rows[n].cert,
				 rows[n].host, rows[n].mode, t.at_client,
				 t.why);
		assert_int_equal(lws_tls_kind(&t.c), rows[n].mode);
		if (rows[n].why)
			assert_true(lws_tls_why(&t.c, t.why));
		unit_tls_part(&t);
		unit_tls_end(&t);
	}
}

/* Only names are sent, without the dot at their end: RFC 6066 section 3. */
static void
test_the_server_is_told_names_and_no_addresses(void **state)
{
	static const char *const rows[][2] = {
		{ "localhost", "localhost" }, { "localhost.", "localhost" },
		{ "127.0.0.1", NULL }, { "::1", NULL }, { "[::1]", NULL },
	};
	struct unit_tls t;
	const char *name;
	size_t n;

	(void)state;
	for (n = 0; n < 2 * COUNT(rows); n++) {
		unit_tls_begin(&t);
		unit_tls_open(&t);
		unit_tls_meet(&t, rows[n / 2][0], 1 + n % 2);
		unit_tls_shake(&t, WHOLE);
		name = SSL_get_servername(t.s.tls, TLSEXT_NAMETYPE_host_name);
		if (rows[n / 2][1])
			assert_string_equal(name, rows[n / 2][1]);
		else
			assert_null(name);
		unit_tls_part(&t);
		unit_tls_end(&t);
	}
}

static void
test_what_cannot_be_a_name_is_refused_and_the_stream_stays(void **state)
{
	static char longest[256 + 1], longer[1000];
	const char *const rows[] = { "", longest, longer };
	struct lws_tls_peer peer = { .port = 443, .mode = 1 };
	struct unit_tls t;
	size_t n;

	(void)state;
	memset(longest, 'a', sizeof(longest) - 1);
	memset(longer, 'a', sizeof(longer) - 1);
	unit_tls_begin(&t);
	unit_tls_open(&t);
	for (n = 0; n < COUNT(rows); n++) {
		unit_tls_pair(&t.c, &t.wire[0]);
		peer.host = rows[n];
		assert_true(lws_tls_connect(t.client, &t.c, &peer, t.why) < 0);
		assert_non_null(strstr(t.why, "cannot be the name"));
		assert_null(t.c.tls);
		assert_ptr_equal(t.c.ops, &lws_transport_plain);
		t.c.ops->close(&t.c);
		close(t.wire[0]);
	}
	longest[255] = '\0';
	unit_tls_meet(&t, longest, 1);
	unit_tls_part(&t);
	unit_tls_end(&t);
}

/* ---- the folder of authorities that the build has ---- */

/* Whether the certificate is refused by who is told of @ca, or of nobody. */
static bool
refuses(const char *ca)
{
	struct unit_tls t;
	bool fine;

	unit_tls_begin(&t);
	t.connects.ssl_ca_filepath = unit_cert(ca);
	t.connects.options = LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS;
	unit_tls_open(&t);
	unit_tls_meet(&t, NULL, 1);
	unit_tls_shake(&t, WHOLE);
	fine = !t.at_client && !t.at_server;
	if (!fine)
		assert_string_equal(t.why, "certificate refused: unable to get "
				    "local issuer certificate");
	unit_tls_part(&t);
	unit_tls_end(&t);
	return !fine;
}

/* In every build, whatever there is on this machine. */
static void
test_the_folder_of_the_build_does_not_vouch_for_strangers(void **state)
{
	(void)state;
	assert_true(refuses(NULL));
	assert_true(refuses("self.pem"));
	assert_false(refuses("ca.pem"));
}

/* A build for tests has a folder below where it runs: we may fill that. */
static void
test_the_folder_of_the_build_is_looked_into_by_hash(void **state)
{
	const char *folder = LWS_OPENSSL_CLIENT_CERTS;
	char here[1024];

	(void)state;
	if (strchr(folder, '/')) {
		print_message("%s is not ours to fill\n", folder);
		skip();
	}
	assert_non_null(getcwd(here, sizeof(here)));
	assert_int_equal(chdir(unit_folder), 0);
	assert_true(refuses(NULL));
	assert_int_equal(mkdir(folder, 0700), 0);
	assert_true(refuses(NULL));
	assert_int_equal(unit_link_authority(folder), 0);
	assert_false(refuses(NULL));
	/* who is told of somebody asks nobody else */
	assert_true(refuses("self.pem"));
	assert_int_equal(rename(folder, "elsewhere"), 0);
	assert_true(refuses(NULL));
	assert_int_equal(chdir(here), 0);
}

/* ---- sessions ---- */

struct visit {
	const char *host;
	int port, mode;
	bool resumed;
};

/* One connection; was the session of an earlier one resumed? */
static bool
visit(struct unit_tls *t, const struct visit *v)
{
	const struct lws_tls_peer peer = {
		.host = v->host, .port = v->port, .mode = v->mode,
	};
	char text[128], c;
	bool resumed;

	unit_tls_pair(&t->c, &t->wire[0]);
	unit_tls_pair(&t->s, &t->wire[1]);
	assert_int_equal(lws_tls_accept(t->server, &t->s), 0);
	assert_int_equal(lws_tls_connect(t->client, &t->c, &peer, t->why), 0);
	unit_tls_shake(t, WHOLE);
	if (t->at_client || t->at_server)
		fail_msg("%s: %s", v->host, t->why);
	assert_int_equal(t->c.ops->recv(&t->c, &c, 1), LWS_ERR_AGAIN);
	resumed = SSL_session_reused(t->c.tls);
	assert_int_equal(SSL_session_reused(t->s.tls), resumed);
	lws_tls_describe(&t->c, text, sizeof(text));
	assert_int_equal(!!strstr(text, ", resumed"), resumed);
	unit_tls_part(t);
	return resumed;
}

static void
visit_all(struct unit_tls *t, const struct visit *v, size_t count)
{
	size_t n;

	for (n = 0; n < count; n++)
		if (visit(t, &v[n]) != v[n].resumed)
			fail_msg("visit %zu, of %s", n, v[n].host);
}

static void
test_sessions_are_resumed_with_the_same_peer_and_mode_alone(void **state)
{
	static const struct visit visits[] = {
		{ "localhost", 443, 1, false }, { "localhost", 443, 1, true },
		{ "localhost", 443, 1, true }, { "localhost.", 443, 1, true },
		{ "localhost", 444, 1, false }, { "localhost", 444, 1, true },
		{ "127.0.0.1", 443, 1, false }, { "127.0.0.1", 443, 1, true },
		{ "localhost", 443, 2, false }, { "localhost", 443, 2, true },
		{ "localhost", 443, 1, true },
	};
	static const int versions[] = { TLS1_2_VERSION, TLS1_3_VERSION };
	struct unit_tls t;
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(versions); n++) {
		unit_tls_begin(&t);
		unit_version = versions[n];
		unit_tls_open(&t);
		visit_all(&t, visits, COUNT(visits));
		unit_tls_end(&t);
	}
}

static void
test_the_oldest_session_gives_way_to_a_seventeenth(void **state)
{
	struct visit v = { "localhost", 0, 1, false };
	struct unit_tls t;

	(void)state;
	unit_tls_begin(&t);
	unit_tls_open(&t);
	for (v.port = 1; v.port <= LWS_TLS_SESSIONS + 1; v.port++)
		assert_false(visit(&t, &v));
	v.port = 1;
	assert_false(visit(&t, &v));
	v.port = LWS_TLS_SESSIONS;
	assert_true(visit(&t, &v));
	unit_tls_end(&t);
}

/* Appendix C.4 of RFC 8446: two that begin at once share no ticket. */
static void
test_a_ticket_is_used_once(void **state)
{
	const struct lws_tls_peer peer = {
		.host = "localhost", .port = 443, .mode = 1,
	};
	const struct visit v = { "localhost", 443, 1, false };
	struct lws_stream other;
	struct unit_tls t;
	int wire;

	(void)state;
	unit_tls_begin(&t);
	unit_tls_open(&t);
	assert_false(visit(&t, &v));
	unit_tls_pair(&other, &wire);
	assert_int_equal(lws_tls_connect(t.client, &other, &peer, t.why), 0);
	assert_false(visit(&t, &v));
	other.ops->close(&other);
	close(wire);
	unit_tls_end(&t);
}

static void
test_without_memory_for_a_session_there_is_none(void **state)
{
	const struct visit v = { "localhost", 443, 1, false };
	struct unit_tls t;

	(void)state;
	unit_tls_begin(&t);
	unit_tls_open(&t);
	unit_allow(0);
	assert_false(visit(&t, &v));
	assert_false(visit(&t, &v));
	unit_allow(1);
	assert_false(visit(&t, &v));
	unit_allow(-1);
	assert_false(visit(&t, &v));
	assert_true(visit(&t, &v));
	unit_tls_end(&t);
}

/* ---- more or less than usual ---- */

/* Lists of ciphers can let servers be without any certificate. */
static void
test_a_server_without_a_certificate_is_refused(void **state)
{
	struct unit_tls t;

	(void)state;
	unit_tls_begin(&t);
	unit_version = TLS1_2_VERSION;
	t.serves.ssl_cipher_list = t.connects.ssl_cipher_list =
		"aNULL:@SECLEVEL=0";
	unit_tls_open(&t);
	unit_tls_meet(&t, NULL, 2);
	unit_tls_shake(&t, WHOLE);
	assert_int_equal(t.at_client, LWS_ERR_ACCESS);
	assert_memory_equal(t.why, "certificate refused: ", 21);
	unit_tls_part(&t);
	unit_tls_end(&t);
}

static void
test_a_context_that_listens_has_clients_when_the_first_comes(void **state)
{
	struct lws_tls *only;
	struct unit_tls t;

	(void)state;
	unit_tls_begin(&t);
	unit_tls_open(&t);
	only = t.client;
	t.client = t.server;
	assert_null(t.server->client);
	unit_tls_meet(&t, NULL, 2);
	assert_non_null(t.server->client);
	unit_tls_shake(&t, WHOLE);
	assert_int_equal(t.at_client, LWS_ERR_PROTOCOL);
	unit_tls_part(&t);
	t.client = only;
	unit_tls_end(&t);
}

/* Nobody is connected who could not be verified as was asked for. */
static void
test_authorities_that_cannot_be_read_are_no_reason_to_go_on(void **state)
{
	static const char *const files[] = { "none.pem", "garbage.pem" };
	struct unit_tls t;
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(files); n++) {
		unit_tls_begin(&t);
		t.connects.ssl_ca_filepath = unit_cert(files[n]);
		assert_true(unit_tls_new(&t.connects, false, &t.client,
					 t.why) < 0);
		assert_null(t.client);
		assert_non_null(strstr(t.why, "cannot use the authorities in"));
		assert_non_null(strstr(t.why, files[n]));
		unit_tls_end(&t);
	}
}

/* The application's SSL_CTX stays its own, and so does all it hangs on it. */
static void
test_what_the_application_provides_stays_its_own(void **state)
{
	static char mine[] = "mine";
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	struct unit_tls t;

	(void)state;
	assert_non_null(ctx);
	unit_tls_begin(&t);
	assert_int_equal(SSL_CTX_load_verify_file(ctx, unit_cert("ca.pem")),
			 1);
	SSL_CTX_set_app_data(ctx, mine);
	t.connects.provided_client_ssl_ctx = ctx;
	unit_tls_open(&t);
	unit_tls_meet(&t, NULL, 1);
	SSL_set_app_data(t.c.tls, mine);
	unit_tls_shake(&t, WHOLE);
	assert_int_equal(t.at_client, 0);
	unit_tls_part(&t);
	unit_tls_meet(&t, "other.name", 1);
	unit_tls_shake(&t, WHOLE);
	assert_non_null(strstr(t.why, "hostname mismatch"));
	unit_tls_part(&t);
	unit_tls_end(&t);
	assert_ptr_equal(SSL_CTX_get_app_data(ctx), mine);
	SSL_CTX_free(ctx);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_a_certificate_is_believed_or_refused_with_its_reason),
		cmocka_unit_test(
			test_the_server_is_told_names_and_no_addresses),
		cmocka_unit_test(
			test_what_cannot_be_a_name_is_refused_and_the_stream_stays),
		cmocka_unit_test(
			test_the_folder_of_the_build_does_not_vouch_for_strangers),
		cmocka_unit_test(
			test_the_folder_of_the_build_is_looked_into_by_hash),
		cmocka_unit_test(
			test_sessions_are_resumed_with_the_same_peer_and_mode_alone),
		cmocka_unit_test(
			test_the_oldest_session_gives_way_to_a_seventeenth),
		cmocka_unit_test(test_a_ticket_is_used_once),
		cmocka_unit_test(
			test_without_memory_for_a_session_there_is_none),
		cmocka_unit_test(
			test_a_server_without_a_certificate_is_refused),
		cmocka_unit_test(
			test_a_context_that_listens_has_clients_when_the_first_comes),
		cmocka_unit_test(
			test_authorities_that_cannot_be_read_are_no_reason_to_go_on),
		cmocka_unit_test(
			test_what_the_application_provides_stays_its_own),
	};

	return cmocka_run_group_tests(tests, unit_make_certs, unit_drop_certs);
}
