/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of tls/openssl-load.c. */
#include "unit/tls-pair.h"

static void
test_what_cannot_be_loaded_is_named_with_the_reason(void **state)
{
	static const struct {
		const char *cert, *key, *password, *why;
	} rows[] = {
		{ "server.pem", "server.key.pem", NULL, NULL },
		{ "server.pem", "server.key.pem", "unneeded", NULL },
		{ "none.pem", "server.key.pem", NULL,
		  "cannot use the certificate in */none.pem: No such file" },
		{ "", "server.key.pem", NULL,
		  "cannot use the certificate in */: " },
		{ "garbage.pem", "server.key.pem", NULL,
		  "cannot use the certificate in */garbage.pem: "
		  "nothing in PEM is in it" },
		{ "server.key.pem", "server.key.pem", NULL,
		  "cannot use the certificate in */server.key.pem: "
		  "nothing in PEM is in it" },
		{ "server.pem", "none.pem", NULL,
		  "cannot use the key in */none.pem: No such file" },
		{ "server.pem", "garbage.pem", NULL,
		  "cannot use the key in */garbage.pem: " },
		{ "server.pem", "server.pem", NULL,
		  "cannot use the key in */server.pem: " },
		{ "server.pem", "self.key.pem", NULL,
		  "cannot use the key in */self.key.pem: "
		  "the key does not belong to the certificate" },
		{ "locked.pem", "locked.key.pem", "secret", NULL },
		{ "locked.pem", "locked.key.pem", NULL,
		  "cannot read the key in */locked.key.pem: "
		  "it needs a passphrase" },
		{ "locked.pem", "locked.key.pem", "",
		  "cannot read the key in */locked.key.pem: "
		  "the passphrase is wrong" },
		{ "locked.pem", "locked.key.pem", "Secret",
		  "cannot read the key in */locked.key.pem: "
		  "the passphrase is wrong" },
		{ "server.pem", "locked.key.pem", "secret",
		  "cannot use the key in */locked.key.pem: "
		  "the key does not belong to the certificate" },
	};
	char want[512];
	struct unit_tls t;
	const char *star;
	size_t n;
	int rc;

	(void)state;
	for (n = 0; n < COUNT(rows); n++) {
		unit_tls_begin(&t);
		t.serves.ssl_cert_filepath = unit_cert(rows[n].cert);
		t.serves.ssl_private_key_filepath = unit_cert(rows[n].key);
		t.serves.ssl_private_key_password = rows[n].password;
		rc = unit_tls_new(&t.serves, true, &t.server, t.why);
		want[0] = '\0';
		star = rows[n].why ? strchr(rows[n].why, '*') : NULL;
		if (star)
			snprintf(want, sizeof(want), "%.*s%s%s",
				 (int)(star - rows[n].why), rows[n].why,
				 unit_folder, star + 1);
		if (!rc != !rows[n].why ||
		    strncmp(t.why, want, strlen(want)) ||
		    lws_tls_serves(t.server) != !rows[n].why)
			fail_msg("row %zu: %d, \"%s\"", n, rc, t.why);
		assert_false(strchr(t.why, '\n'));
		unit_tls_end(&t);
	}
}

/* A passphrase longer than OpenSSL's buffer is wrong, not cut. */
static void
test_a_passphrase_is_never_cut(void **state)
{
	static char phrase[5000];
	struct unit_tls t;

	(void)state;
	memset(phrase, 's', sizeof(phrase) - 1);
	unit_tls_begin(&t);
	t.serves.ssl_cert_filepath = unit_cert("locked.pem");
	t.serves.ssl_private_key_filepath = unit_cert("locked.key.pem");
	t.serves.ssl_private_key_password = phrase;
	assert_true(unit_tls_new(&t.serves, true, &t.server, t.why) < 0);
	assert_non_null(strstr(t.why, "passphrase is wrong"));
	unit_tls_end(&t);
}

static void
test_without_a_key_the_application_is_asked(void **state)
{
	struct unit_tls t;
	int refuses;

	(void)state;
	for (refuses = 0; refuses < 2; refuses++) {
		unit_tls_begin(&t);
		unit_no_key = refuses;
		t.serves.ssl_private_key_filepath = NULL;
		assert_int_equal(unit_tls_new(&t.serves, true, &t.server,
					      t.why) < 0, refuses);
		if (refuses)
			assert_non_null(strstr(t.why, "no key for the"));
		unit_tls_end(&t);
	}
	unit_tls_begin(&t);
	t.serves.ssl_private_key_filepath = NULL;
	t.serves.ssl_cert_filepath = unit_cert("self.pem");
	assert_true(unit_tls_new(&t.serves, true, &t.server, t.why) < 0);
	assert_non_null(strstr(t.why, "has no key"));
	unit_tls_end(&t);
}

/* ---- ciphers ---- */

static void
test_lists_of_ciphers_mix_old_and_new_names(void **state)
{
	static const struct {
		const char *list;
		bool fine;
		int most;		/* what the client speaks at most */
		const char *spoken;	/* NULL: they cannot agree */
	} rows[] = {
		{ "DEFAULT", true, 0, "TLSv1.3 " },
		{ "DEFAULT", true, TLS1_2_VERSION, "TLSv1.2 " },
		{ "TLS_AES_128_GCM_SHA256", true, 0,
		  "TLSv1.3 TLS_AES_128_GCM_SHA256" },
		{ "TLS_AES_128_GCM_SHA256", true, TLS1_2_VERSION, NULL },
		{ "TLS_AES_128_GCM_SHA256:ECDHE-ECDSA-AES256-GCM-SHA384", true,
		  0, "TLSv1.3 TLS_AES_128_GCM_SHA256" },
		{ "ECDHE-ECDSA-AES256-GCM-SHA384:TLS_AES_128_GCM_SHA256", true,
		  TLS1_2_VERSION, "TLSv1.2 ECDHE-ECDSA-AES256-GCM-SHA384" },
		{ "ECDHE-ECDSA-AES128-GCM-SHA256", true, TLS1_2_VERSION,
		  "TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256" },
		{ "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256", true,
		  0, "TLSv1.3 TLS_CHACHA20_POLY1305_SHA256" },
		{ "DEFAULT:!aNULL:", true, 0, "TLSv1.3 " },
		{ "NO-SUCH-CIPHER", false, 0, NULL },
		{ "TLS_NO_SUCH_CIPHER", false, 0, NULL },
		{ "TLS_NO_SUCH_CIPHER:DEFAULT", false, 0, NULL },
		{ "", false, 0, NULL },
		{ ":", false, 0, NULL },
	};
	char text[128];
	struct unit_tls t;
	size_t n;
	int rc;

	(void)state;
	for (n = 0; n < COUNT(rows); n++) {
		unit_tls_begin(&t);
		unit_version = rows[n].most;
		t.serves.ssl_cipher_list = rows[n].list;
		rc = unit_tls_new(&t.serves, true, &t.server, t.why);
		if (!rc != rows[n].fine)
			fail_msg("\"%s\": %s", rows[n].list, t.why);
		if (rc < 0) {
			snprintf(text, sizeof(text), "no cipher in \"%s\" can "
				 "be used", rows[n].list);
			assert_string_equal(t.why, text);
			continue;
		}
		unit_tls_new(&t.connects, false, &t.client, t.why);
		unit_tls_meet(&t, NULL, 1);
		unit_tls_shake(&t, WHOLE);
		lws_tls_describe(&t.c, text, sizeof(text));
		if (!t.at_server != (rows[n].spoken != NULL) ||
		    (rows[n].spoken &&
		     strncmp(text, rows[n].spoken, strlen(rows[n].spoken))))
			fail_msg("\"%s\": %s; %s", rows[n].list, text, t.why);
		unit_tls_part(&t);
		unit_tls_end(&t);
	}
}

/* ---- dates ---- */

static unsigned warnings;
static char warning[256];

static void
note_line(int level, const char *text)
{
	if (level != LLL_WARN)
		return;
	warnings++;
	snprintf(warning, sizeof(warning), "%s", text);
}

static void
test_who_shows_what_nobody_may_accept_is_warned_once(void **state)
{
	static const char *const rows[][3] = {
		{ "server.pem", "server.key.pem", NULL },
		{ "expired.pem", "expired.key.pem", "has expired" },
		{ "early.pem", "early.key.pem", "is not valid yet" },
	};
	struct unit_tls t;
	size_t n;

	(void)state;
	lws_set_log_level(LLL_ERR | LLL_WARN, note_line);
	for (n = 0; n < COUNT(rows); n++) {
		unit_tls_begin(&t);
		t.serves.ssl_cert_filepath = unit_cert(rows[n][0]);
		t.serves.ssl_private_key_filepath = unit_cert(rows[n][1]);
		warnings = 0;
		assert_int_equal(unit_tls_new(&t.serves, true, &t.server,
					      t.why), 0);
		assert_int_equal(warnings, rows[n][2] != NULL);
		if (rows[n][2])
			assert_non_null(strstr(warning, rows[n][2]));
		unit_tls_end(&t);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_what_cannot_be_loaded_is_named_with_the_reason),
		cmocka_unit_test(test_a_passphrase_is_never_cut),
		cmocka_unit_test(test_without_a_key_the_application_is_asked),
		cmocka_unit_test(test_lists_of_ciphers_mix_old_and_new_names),
		cmocka_unit_test(
			test_who_shows_what_nobody_may_accept_is_warned_once),
	};

	return cmocka_run_group_tests(tests, unit_make_certs, unit_drop_certs);
}
