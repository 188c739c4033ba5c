/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * What TLS adds: who is let in and who is not, with which line; what a storm,
 * a slicer or a liar may do to it; certificates that change.
 *
 * Everything else that holds over TLS is what holds without: tls/flows.sh.
 */
#include "flow/flow.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include "base/err.h"
#include "core/context.h"
#include "core/wsi.h"

/* ---- what is logged at INFO, where that is compiled in ---- */

static unsigned lines;
static char line[512];

static void
note_line(int level, const char *text)
{
	if (getenv("FLOW_VERBOSE"))
		fputs(text, stderr);
	if (level != LLL_ERR && !strstr(text, "TLS"))
		return;
	lines++;
	snprintf(line, sizeof(line), "%s", text);
}

static void
assert_one_line(const char *want)
{
#ifdef _DEBUG
	if (lines != 1 || !strstr(line, want))
		fail_msg("wanted one line with \"%s\", not %u with \"%s\"",
			 want, lines, line);
#else
	(void)want;
#endif
}

static void
begin(struct flow *f)
{
	flow_begin(f);
	if (!f->tls)
		flow_use_tls(f);
	lws_set_log_level(LLL_ERR | LLL_WARN | LLL_INFO, note_line);
	lines = 0;
}

/* Nothing has happened to the others. */
static void
still_serves(struct flow *f)
{
	struct flow_conn *s, *c;

	flow_pair(f, &s, &c);
	flow_text(c, "still");
	FLOW_UNTIL(f, s->got.len == 5);
}

static bool
all_over(struct flow *f)
{
	unsigned n;

	for (n = 0; flow_server(f, n); n++)
		if (!flow_over(flow_server(f, n)))
			return false;
	return n > 0;
}

/* ---- strangers that do not speak TLS as one should ---- */

static void
test_what_is_no_tls_gets_no_answer_and_one_line(void **state)
{
	static const struct {
		const char *bytes, *line;
		size_t len;
	} rows[] = {
		{ "GET / HTTP/1.1\r\nHost: h\r\n\r\n", "plain HTTP", 27 },
		{ "\x80\x46\x01\x03\x03\x00\x2d\x00\x00\x00\x10", "failed",
		  11 },
		{ "\x16\x03\x01\xff\xff\x01\x00\x00\x00\x00\x00", "failed",
		  11 },
		{ "\x15\x03\x01\x00\x02\x02\x28", "failed", 7 },
		{ "\x17\x03\x03\x00\x01x", "failed", 6 },
		{ "\xff\xff\xff\xff\xff\xff\xff", "wrong version number", 7 },
	};
	struct flow_raw *r;
	struct flow f;
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(rows); n++) {
		begin(&f);
		flow_open(&f);
		lines = 0;
		r = flow_raw_tcp(&f, 0);
		flow_raw_send(&f, r, rows[n].bytes, rows[n].len);
		FLOW_UNTIL(&f, all_over(&f));
		assert_one_line(rows[n].line);
		flow_assert_trace(flow_server(&f, 0),
				  "WSI_CREATE SERVER_NEW_CLIENT_INSTANTIATED "
				  "ADD_POLL_FD DEL_POLL_FD WSI_DESTROY");
		still_serves(&f);
		flow_end(&f);
	}
}

/* ---- a client that keeps its bytes in memory ---- */

struct puppet {
	SSL_CTX *ctx;
	SSL *ssl;
	struct flow_raw *r;
};

static void
make_puppet(struct puppet *p)
{
	p->ctx = SSL_CTX_new(TLS_client_method());
	p->ssl = SSL_new(p->ctx);
	assert_non_null(p->ssl);
	SSL_set_bio(p->ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	SSL_set_connect_state(p->ssl);
	p->r = NULL;
}

static void
free_puppet(struct puppet *p)
{
	SSL_free(p->ssl);
	SSL_CTX_free(p->ctx);
}

/* What it wants to send goes out in slices of @slice bytes; how much it was. */
static size_t
move_out(struct flow *f, struct puppet *p, size_t slice)
{
	char buf[256];
	size_t sum = 0;
	int n;

	while ((n = BIO_read(SSL_get_wbio(p->ssl), buf, (int)slice)) > 0) {
		flow_raw_send(f, p->r, buf, (size_t)n);
		flow_turn(f);
		sum += (size_t)n;
	}
	return sum;
}

static void
move_in(struct puppet *p)
{
	if (!p->r->in.len)
		return;
	BIO_write(SSL_get_rbio(p->ssl), p->r->in.p, (int)p->r->in.len);
	p->r->in.len = 0;
}

static bool
step(struct flow *f, struct puppet *p, size_t slice)
{
	const int rc = SSL_do_handshake(p->ssl);

	move_out(f, p, slice);
	flow_turn(f);
	move_in(p);
	return rc == 1;
}

static const char upgrade[] =
	"GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n"
	"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

static void
test_records_may_arrive_byte_by_byte(void **state)
{
	static const size_t slices[] = { 1, 2, 5, 6, 100 };
	struct puppet p;
	struct flow f;
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(slices); n++) {
		char buf[1024] = "";

		begin(&f);
		flow_open(&f);
		make_puppet(&p);
		p.r = flow_raw_tcp(&f, 0);
		FLOW_UNTIL(&f, step(&f, &p, slices[n]));
		SSL_write(p.ssl, upgrade, sizeof(upgrade) - 1);
		move_out(&f, &p, slices[n]);
		FLOW_UNTIL(&f, (move_in(&p), SSL_read(p.ssl, buf,
						      sizeof(buf) - 1) > 0));
		assert_non_null(strstr(buf, " 101 "));
		SSL_write(p.ssl, "\x81\x82\0\0\0\0hi", 8);
		move_out(&f, &p, slices[n]);
		FLOW_UNTIL(&f, flow_server(&f, 0)->got.len == 2);
		free_puppet(&p);
		flow_end(&f);
	}
}

/* However far it is, whoever goes away then is just gone. */
static void
test_a_close_is_survived_in_each_state_of_the_handshake(void **state)
{
	struct puppet p;
	struct flow f;
	char hello[2048];
	int len, cut, n;

	(void)state;
	begin(&f);
	flow_open(&f);
	make_puppet(&p);
	SSL_do_handshake(p.ssl);
	len = BIO_read(SSL_get_wbio(p.ssl), hello, sizeof(hello));
	assert_true(len > 100);
	for (cut = 0, n = 0; cut <= len; cut += cut < 12 ? 1 : 61, n++) {
		p.r = flow_raw_tcp(&f, 0);
		flow_raw_send(&f, p.r, hello, (size_t)cut);
		FLOW_UNTIL(&f, flow_server(&f, (unsigned)n));
		flow_turn(&f);
		if (n % 2)
			flow_raw_reset(p.r);
		else
			flow_raw_close(p.r);
		FLOW_UNTIL(&f, all_over(&f));
	}
	free_puppet(&p);
	for (cut = 0; cut < 3; cut++) {
		make_puppet(&p);
		p.r = flow_raw_tcp(&f, 0);
		for (len = 0; len < cut; len++)
			step(&f, &p, 100);
		FLOW_UNTIL(&f, flow_server(&f, (unsigned)(n + cut)));
		flow_raw_reset(p.r);
		FLOW_UNTIL(&f, all_over(&f));
		free_puppet(&p);
	}
	assert_int_equal(flow_errors(), 0);
	still_serves(&f);
	flow_end(&f);
}

static void
test_half_a_hello_has_its_time_and_no_more(void **state)
{
	struct flow_raw *r[2];
	struct puppet p;
	struct flow f;
	char hello[2048];
	uint64_t start;
	int len;

	(void)state;
	begin(&f);
	flow_open(&f);
	make_puppet(&p);
	SSL_do_handshake(p.ssl);
	len = BIO_read(SSL_get_wbio(p.ssl), hello, sizeof(hello));
	start = flow_ms();
	r[0] = flow_raw_tcp(&f, 0);
	flow_raw_send(&f, r[0], hello, (size_t)len / 2);
	r[1] = flow_raw_tcp(&f, 0);
	FLOW_UNTIL(&f, flow_server(&f, 1));
	still_serves(&f);
	FLOW_UNTIL(&f, r[0]->eof && r[1]->eof);
	assert_true(flow_ms() - start > 3500);
	free_puppet(&p);
	flow_end(&f);
}

static void
test_a_client_that_speaks_only_other_protocols_is_refused(void **state)
{
	static const unsigned char h2[] = "\x02h2\x08http/1.0";
	struct puppet p;
	struct flow f;

	(void)state;
	begin(&f);
	flow_open(&f);
	lines = 0;
	make_puppet(&p);
	SSL_set_alpn_protos(p.ssl, h2, sizeof(h2) - 1);
	p.r = flow_raw_tcp(&f, 0);
	FLOW_UNTIL(&f, step(&f, &p, 100) || all_over(&f));
	assert_false(SSL_is_init_finished(p.ssl));
	assert_one_line("no application protocol");
	free_puppet(&p);
	flow_end(&f);
}

static void
test_renegotiation_is_declined(void **state)
{
	struct puppet p;
	struct flow f;
	int n;

	(void)state;
	begin(&f);
	flow_open(&f);
	make_puppet(&p);
	SSL_set_max_proto_version(p.ssl, TLS1_2_VERSION);
	p.r = flow_raw_tcp(&f, 0);
	FLOW_UNTIL(&f, step(&f, &p, 100));
	assert_int_equal(SSL_renegotiate(p.ssl), 1);
	for (n = 0; n < 20; n++)
		assert_false(step(&f, &p, 100) &&
			     !SSL_renegotiate_pending(p.ssl));
	still_serves(&f);
	free_puppet(&p);
	flow_end(&f);
}

static void
test_older_versions_are_refused(void **state)
{
	struct puppet p;
	struct flow f;

	(void)state;
	begin(&f);
	flow_open(&f);
	make_puppet(&p);
	SSL_set_security_level(p.ssl, 0);
	SSL_set_min_proto_version(p.ssl, TLS1_VERSION);
	SSL_set_max_proto_version(p.ssl, TLS1_1_VERSION);
	p.r = flow_raw_tcp(&f, 0);
	FLOW_UNTIL(&f, step(&f, &p, 100) || all_over(&f));
	assert_false(SSL_is_init_finished(p.ssl));
	free_puppet(&p);
	flow_end(&f);
}

/* ---- a storm ---- */

static void
test_a_turn_has_sixteen_steps_of_handshakes_at_most(void **state)
{
	struct puppet p[60];
	struct flow_conn *s, *c;
	struct flow f;
	unsigned n, done, most = 0;

	(void)state;
	begin(&f);
	flow_open(&f);
	flow_pair(&f, &s, &c);
	for (n = 0; n < COUNT(p); n++) {
		make_puppet(&p[n]);
		p[n].r = flow_raw_tcp(&f, 0);
		SSL_do_handshake(p[n].ssl);
	}
	for (n = 0; n < COUNT(p); n++) {
		char buf[2048];
		int len = BIO_read(SSL_get_wbio(p[n].ssl), buf, sizeof(buf));

		flow_raw_send(&f, p[n].r, buf, (size_t)len);
	}
	do {
		flow_turn(&f);
		if (f.side[0].context->loops->handshakes > most)
			most = f.side[0].context->loops->handshakes;
		flow_text(c, ".");
		for (n = done = 0; n < COUNT(p); n++)
			done += p[n].r->in.len > 100;
	} while (done < COUNT(p));
	assert_int_equal(most, 16);
	assert_true(s->got.len > 0);
	for (n = 0; n < COUNT(p); n++) {
		FLOW_UNTIL(&f, step(&f, &p[n], 200));
		free_puppet(&p[n]);
	}
	flow_end(&f);
}

/* ---- whom clients believe ---- */

static void
serve(struct flow *f, const char *name)
{
	char cert[64], key[64];

	snprintf(cert, sizeof(cert), "%s.pem", name);
	snprintf(key, sizeof(key), "%s.key.pem", name);
	f->side[0].info.ssl_cert_filepath = flow_cert(cert);
	f->side[0].info.ssl_private_key_filepath = flow_cert(key);
}

static void
test_clients_believe_what_they_should_and_nothing_else(void **state)
{
	static const struct {
		const char *cert, *address;
		int mode;
		const char *why;	/* NULL: it is fine */
	} rows[] = {
		{ "server", "127.0.0.1", 1, NULL },
		{ "server", "localhost", 1, NULL },
		{ "server", "localhost", 2, NULL },
		{ "host", "127.0.0.1", 1, "IP address mismatch" },
		{ "host", "localhost", 1, "hostname mismatch" },
		{ "host", "localhost", 2, NULL },
		{ "expired", "localhost", 1, "certificate has expired" },
		{ "expired", "localhost", 2, "certificate has expired" },
		{ "early", "localhost", 1, "not yet valid" },
		{ "early", "localhost", 2, "not yet valid" },
		{ "self", "localhost", 1, "self-signed certificate" },
		{ "self", "127.0.0.1", 2, NULL },
		{ "outdated", "localhost", 1, "" },
		{ "outdated", "localhost", 2, "certificate has expired" },
		{ "stranger", "localhost", 1, "issuer certificate" },
		{ "stranger", "localhost", 2, "" },
	};
	struct flow_conn *c;
	struct flow f;
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(rows); n++) {
		begin(&f);
		serve(&f, rows[n].cert);
		flow_open(&f);
		flow_open_second(&f);
		f.address = rows[n].address;
		f.ssl = rows[n].mode;
		c = flow_connect(&f, 1, "second");
		FLOW_UNTIL(&f, c->count[LWS_CALLBACK_CLIENT_ESTABLISHED] ||
			       flow_over(c));
		if (!rows[n].why != !flow_over(c) ||
		    (rows[n].why && !strstr(c->why, rows[n].why)))
			fail_msg("%s as %s, %d: \"%s\"", rows[n].cert,
				 rows[n].address, rows[n].mode, c->why);
		if (!rows[n].why)
			assert_int_equal(lws_is_ssl(c->wsi), rows[n].mode);
		else
			assert_non_null(strstr(c->why, "certificate"));
		flow_end(&f);
	}
}

static void
test_what_was_tolerated_once_is_not_resumed_strictly(void **state)
{
	struct flow_conn *c;
	struct flow f;

	(void)state;
	begin(&f);
	serve(&f, "self");
	flow_open(&f);
	flow_open_second(&f);
	f.ssl = 2;
	c = flow_connect(&f, 1, "second");
	FLOW_UNTIL(&f, c->count[LWS_CALLBACK_CLIENT_ESTABLISHED]);
	flow_idle(&f, 20);
	f.ssl = 1;
	c = flow_connect(&f, 1, "second");
	FLOW_UNTIL(&f, flow_over(c));
	assert_non_null(strstr(c->why, "self-signed"));
	flow_end(&f);
}

static void
test_the_second_handshake_with_a_server_is_a_short_one(void **state)
{
	struct flow_conn *s, *c;
	struct flow f;
	int n;

	(void)state;
	begin(&f);
	flow_open(&f);
	flow_open_second(&f);
	for (n = 0; n < 3; n++) {
		flow_pair(&f, &s, &c);
		assert_int_equal(SSL_session_reused(s->wsi->stream.tls), n > 0);
		assert_int_equal(SSL_session_reused(c->wsi->stream.tls), n > 0);
		flow_text(s, "x");
		FLOW_UNTIL(&f, c->got.len == 1);
	}
	flow_end(&f);
}

/* ---- whom servers believe ---- */

/* what the application says of a client's certificate */
static int verdict;
static bool pardons;
static unsigned asked;
static callback_function *noting;

static int
judge(struct libwebsocket_context *context, struct libwebsocket *wsi,
      enum libwebsocket_callback_reasons reason, void *user, void *in,
      size_t len)
{
	if (reason != LWS_CALLBACK_OPENSSL_PERFORM_CLIENT_CERT_VERIFICATION)
		return noting(context, wsi, reason, user, in, len);
	assert_null(context);
	assert_null(wsi);
	assert_non_null(user);
	assert_non_null(in);
	asked++;
	if (pardons && !len)
		X509_STORE_CTX_set_error(user, X509_V_OK);
	return verdict;
}

static void
test_clients_show_certificates_and_the_application_judges(void **state)
{
	static const struct {
		const char *cert;	/* NULL: none */
		int verdict;
		bool pardons, welcome;
	} rows[] = {
		{ "client", 0, false, true },
		{ "client", 1, false, false },
		{ NULL, 0, false, false },
		{ "stranger", 0, false, false },
		{ "stranger", 1, true, false },
		{ "stranger", 0, true, true },
	};
	struct flow_conn *c;
	struct flow f;
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(rows); n++) {
		char cert[64], key[64];

		begin(&f);
		verdict = rows[n].verdict;
		pardons = rows[n].pardons;
		asked = 0;
		noting = f.side[0].protocols[0].callback;
		f.side[0].protocols[0].callback = judge;
		f.side[0].info.options |=
			LWS_SERVER_OPTION_REQUIRE_VALID_OPENSSL_CLIENT_CERT;
		if (rows[n].cert) {
			snprintf(cert, sizeof(cert), "%s.pem", rows[n].cert);
			snprintf(key, sizeof(key), "%s.key.pem", rows[n].cert);
			f.side[1].info.ssl_cert_filepath = flow_cert(cert);
			f.side[1].info.ssl_private_key_filepath =
				flow_cert(key);
		}
		flow_open(&f);
		assert_int_equal(f.side[0].tls_told, 1);
		flow_open_second(&f);
		c = flow_connect(&f, 1, "second");
		FLOW_UNTIL(&f, c->count[LWS_CALLBACK_CLIENT_ESTABLISHED] ||
			       flow_over(c));
		if (flow_over(c) == rows[n].welcome)
			fail_msg("row %zu: %s", n, c->why);
		assert_int_equal(asked > 0, rows[n].cert != NULL);
		flow_end(&f);
	}
}

/* ---- certificates ---- */

/* The name in the certificate shown to who asks for @host, or for nobody. */
static void
shown_for(struct flow *f, const char *host, const char *want)
{
	struct puppet p;
	char name[128] = "";
	X509 *x;

	make_puppet(&p);
	if (host)
		SSL_set_tlsext_host_name(p.ssl, host);
	p.r = flow_raw_tcp(f, 0);
	FLOW_UNTIL(f, step(f, &p, 200));
	x = SSL_get1_peer_certificate(p.ssl);
	assert_non_null(x);
	X509_NAME_get_text_by_NID(X509_get_issuer_name(x), NID_commonName,
				  name, sizeof(name));
	if (!strcmp(name, "Authority of a test"))
		X509_NAME_get_text_by_NID(X509_get_subject_name(x),
					  NID_commonName, name, sizeof(name));
	else
		snprintf(name, sizeof(name), "nobody");
	X509_free(x);
	free_puppet(&p);
	assert_string_equal(name, want);
}

static void
test_the_name_asked_for_chooses_the_certificate(void **state)
{
	const struct lws_tls_certificate more[] = {
		{ NULL, flow_cert("host.pem"), flow_cert("host.key.pem"), NULL },
		{ "*.other.test", flow_cert("self.pem"),
		  flow_cert("self.key.pem"), NULL },
		{ NULL, NULL, NULL, NULL },
	};
	struct flow f;

	(void)state;
	begin(&f);
	f.side[0].info.tls_certificates = more;
	flow_open(&f);
	shown_for(&f, NULL, "localhost");
	shown_for(&f, "localhost", "localhost");
	shown_for(&f, "host.example.net", "host.example.net");
	shown_for(&f, "HOST.example.NET", "host.example.net");
	shown_for(&f, "www.other.test", "nobody");
	shown_for(&f, "other.test", "localhost");
	shown_for(&f, "a.b.other.test", "localhost");
	assert_null(lws_tls_reload(f.side[0].context, NULL, NULL));
	shown_for(&f, "host.example.net", "host.example.net");
	flow_end(&f);
}

static void
test_a_reload_is_for_newcomers_and_all_or_nothing(void **state)
{
	struct libwebsocket_context *context;
	struct flow_conn *s, *c;
	struct flow f;
	const char *why;

	(void)state;
	begin(&f);
	flow_open(&f);
	context = f.side[0].context;
	flow_pair(&f, &s, &c);
	assert_null(lws_tls_reload(context, flow_cert("host.pem"),
				   flow_cert("host.key.pem")));
	shown_for(&f, NULL, "host.example.net");
	flow_text(c, "old");
	FLOW_UNTIL(&f, s->got.len == 3);
	why = lws_tls_reload(context, flow_cert("server.pem"), NULL);
	assert_non_null(strstr(why, "does not belong"));
	why = lws_tls_reload(context, flow_cert("garbage.pem"),
			     flow_cert("server.key.pem"));
	assert_non_null(strstr(why, "garbage.pem"));
	why = lws_tls_reload(context, "/none/at/all.pem", NULL);
	assert_non_null(strstr(why, "No such file"));
	shown_for(&f, NULL, "host.example.net");
	assert_null(lws_tls_reload(context, NULL, NULL));
	shown_for(&f, NULL, "host.example.net");
	flow_end(&f);
}

static void
test_a_context_that_serves_no_tls_has_nothing_to_reload(void **state)
{
	struct flow f;

	(void)state;
	begin(&f);
	flow_open(&f);
	flow_open_second(&f);
	assert_non_null(strstr(lws_tls_reload(f.side[1].context, NULL, NULL),
			       "no TLS server"));
	flow_end(&f);
}

static void
test_no_context_is_made_without_a_usable_certificate(void **state)
{
	static const struct {
		const char *cert, *key, *password, *ca, *ciphers, *line;
	} rows[] = {
		{ "none.pem", "server.key.pem", NULL, NULL, NULL,
		  "none.pem: No such file" },
		{ "server.pem", "none.key.pem", NULL, NULL, NULL,
		  "none.key.pem: No such file" },
		{ "garbage.pem", "server.key.pem", NULL, NULL, NULL,
		  "nothing in PEM" },
		{ "server.pem", "garbage.pem", NULL, NULL, NULL,
		  "garbage.pem" },
		{ "server.pem", "self.key.pem", NULL, NULL, NULL,
		  "does not belong" },
		{ "locked.pem", "locked.key.pem", NULL, NULL, NULL,
		  "needs a passphrase" },
		{ "locked.pem", "locked.key.pem", "guess", NULL, NULL,
		  "passphrase is wrong" },
		{ "locked.pem", "locked.key.pem", "secret", NULL, NULL, NULL },
		{ NULL, "server.key.pem", NULL, NULL, NULL,
		  "has no certificate" },
		{ "server.pem", "server.key.pem", NULL, NULL, "NO-SUCH-CIPHER",
		  "NO-SUCH-CIPHER" },
		{ "server.pem", "server.key.pem", NULL, NULL,
		  "TLS_AES_128_GCM_SHA256:ECDHE+AESGCM", NULL },
		{ "server.pem", "server.key.pem", NULL, "none.pem", NULL,
		  "none.pem" },
	};
	struct flow f;
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(rows); n++) {
		struct lws_context_creation_info *info = &f.side[0].info;

		begin(&f);
		info->ssl_cert_filepath =
			rows[n].cert ? flow_cert(rows[n].cert) : NULL;
		info->ssl_private_key_filepath = flow_cert(rows[n].key);
		info->ssl_private_key_password = rows[n].password;
		info->ssl_cipher_list = rows[n].ciphers;
		if (rows[n].ca) {
			info->ssl_ca_filepath = flow_cert(rows[n].ca);
			info->options |=
			LWS_SERVER_OPTION_REQUIRE_VALID_OPENSSL_CLIENT_CERT;
		}
		f.side[0].context = libwebsocket_create_context(info);
		if (!rows[n].line) {
			assert_non_null(f.side[0].context);
		} else {
			assert_null(f.side[0].context);
			assert_one_line(rows[n].line);
		}
		flow_end(&f);
	}
}

/* ---- the application brings its key along ---- */

static bool has_key;

static int
bring_key(struct libwebsocket_context *context, struct libwebsocket *wsi,
	  enum libwebsocket_callback_reasons reason, void *user, void *in,
	  size_t len)
{
	if (reason == LWS_CALLBACK_OPENSSL_CONTEXT_REQUIRES_PRIVATE_KEY &&
	    has_key)
		SSL_CTX_use_PrivateKey_file(user, flow_cert("server.key.pem"),
					    SSL_FILETYPE_PEM);
	return noting(context, wsi, reason, user, in, len);
}

static void
test_without_a_key_the_application_is_asked_for_it(void **state)
{
	struct flow f;
	int n;

	(void)state;
	for (n = 0; n < 2; n++) {
		begin(&f);
		has_key = n;
		noting = f.side[0].protocols[0].callback;
		f.side[0].protocols[0].callback = bring_key;
		f.side[0].info.ssl_private_key_filepath = NULL;
		f.side[0].context =
			libwebsocket_create_context(&f.side[0].info);
		assert_int_equal(f.side[0].tls_told, 1);
		assert_int_equal(f.side[0].context != NULL, n);
		if (n)
			still_serves(&f);
		flow_end(&f);
	}
}

/* ---- beginnings and ends ---- */

static void
test_plain_and_tls_share_a_port_where_that_is_wanted(void **state)
{
	struct flow_raw *r;
	struct flow f;

	(void)state;
	begin(&f);
	f.side[0].info.options |= LWS_SERVER_OPTION_ALLOW_NON_SSL_ON_SSL_PORT;
	flow_open(&f);
	f.tls = false;
	r = flow_raw_ws(&f, 0);
	flow_raw_frame(&f, r, 0x81, "plain", 5);
	FLOW_UNTIL(&f, flow_server(&f, 0)->got.len == 5);
	assert_int_equal(lws_is_ssl(flow_server(&f, 0)->wsi), 0);
	f.tls = true;
	r = flow_raw_ws(&f, 0);
	flow_raw_frame(&f, r, 0x81, "secret", 6);
	FLOW_UNTIL(&f, flow_server(&f, 1)->got.len == 6);
	assert_int_equal(lws_is_ssl(flow_server(&f, 1)->wsi), 1);
	still_serves(&f);
	flow_end(&f);
}

static void
test_both_ends_say_goodbye(void **state)
{
	struct flow_raw *r;
	struct flow f;

	(void)state;
	begin(&f);
	flow_open(&f);
	r = flow_raw_ws(&f, 0);
	flow_raw_frame(&f, r, 0x88, "\x03\xe8", 2);
	FLOW_UNTIL(&f, r->eof);
	assert_true(SSL_get_shutdown(r->stream.tls) & SSL_RECEIVED_SHUTDOWN);
	flow_end(&f);
}

static void
test_truncation_is_noticed(void **state)
{
	struct flow_raw *r;
	struct flow f;

	(void)state;
	begin(&f);
	flow_open(&f);
	r = flow_raw_ws(&f, 0);
	lines = 0;
	r->deaf = true;
	shutdown(r->fd, SHUT_WR);
	FLOW_UNTIL(&f, all_over(&f));
	assert_one_line("truncated");
	assert_int_equal(flow_server(&f, 0)->count[LWS_CALLBACK_CLOSED], 1);
	flow_end(&f);
}

/* More than one read's worth arrives without the socket being asked again. */
static void
test_nothing_stays_hidden_behind_poll(void **state)
{
	static uint8_t data[60000];
	struct flow_raw *r;
	struct flow f;
	int n;

	(void)state;
	for (n = 0; n < 2; n++) {
		begin(&f);
		f.side[0].external = n;
		flow_open(&f);
		f.hasty = true;
		r = flow_raw_ws(&f, 0);
		while (f.turns % 7)
			flow_turn(&f);
		for (size_t k = 0; k < 20; k++)
			flow_raw_frame(&f, r, 0x82, data, sizeof(data));
		FLOW_UNTIL(&f, flow_server(&f, 0)->got.len ==
			       20 * sizeof(data));
		flow_end(&f);
	}
}

/* @text and the end of all that the stranger says, in one segment. */
static void
say_last(struct flow_raw *r, const void *text, int len)
{
	int on = 1, off = 0;

	setsockopt(r->fd, IPPROTO_TCP, TCP_CORK, &on, sizeof(on));
	assert_int_equal(SSL_write(r->stream.tls, text, len), len);
	assert_int_equal(SSL_shutdown(r->stream.tls), 0);
	setsockopt(r->fd, IPPROTO_TCP, TCP_CORK, &off, sizeof(off));
}

static uint8_t much[8 << 20];

static int
answer_and_end(struct flow_conn *c, enum libwebsocket_callback_reasons reason,
	       void *in, size_t len)
{
	(void)in;
	(void)len;
	if (reason != LWS_CALLBACK_HTTP)
		return 0;
	assert_int_equal(libwebsocket_write(c->wsi, much, sizeof(much),
					    LWS_WRITE_HTTP), sizeof(much));
	libwebsockets_hangup_on_client(c->side->context, c->fd);
	return 0;
}

static void
test_who_stops_talking_still_gets_what_was_written_before_the_end(void **state)
{
	struct flow_raw *r;
	struct flow f;

	(void)state;
	begin(&f);
	f.hook = answer_and_end;
	flow_open(&f);
	r = flow_raw(&f, 4096);
	r->deaf = true;
	flow_raw_puts(&f, r, "GET / HTTP/1.1\r\nHost: here\r\n\r\n");
	FLOW_UNTIL(&f, flow_over(flow_server(&f, 0)));
	say_last(r, "x", 1);
	flow_idle(&f, 20);
	r->deaf = false;
	FLOW_UNTIL(&f, r->eof || r->reset);
	assert_int_equal(r->in.len, sizeof(much));
	flow_end(&f);
}

static void
test_an_end_that_came_with_the_close_is_not_waited_for(void **state)
{
	struct flow_raw *listener, *r;
	struct flow f;
	int port;

	(void)state;
	begin(&f);
	flow_open(&f);
	listener = flow_raw_listen(&f, &port);
	flow_connect_to(&f, 0, port, "second", NULL);
	r = flow_raw_accept(&f, listener);
	flow_raw_answer(&f, r);
	FLOW_UNTIL(&f, flow_client(&f, 0)->count[
			LWS_CALLBACK_CLIENT_ESTABLISHED]);
	say_last(r, "\x88\x02\x03\xe8", 4);
	FLOW_UNTIL(&f, flow_over(flow_client(&f, 0)));
	/* by far less than the second that it has */
	flow_idle(&f, 200);
	assert_true(r->eof);
	flow_end(&f);
}

/* ---- the certificates of all these ---- */

static char folder[] = "/tmp/lws-tls-XXXXXX";

static int
make_certs(void **state)
{
	char command[128];

	(void)state;
	if (getenv("FLOW_TLS"))
		return 0;
	if (!mkdtemp(folder))
		return -1;
	setenv("FLOW_CERTS", folder, 1);
	snprintf(command, sizeof(command), "$LWS_RUNNER tls/certs %s",
		 folder);
	return system(command);
}

static int
drop_certs(void **state)
{
	char command[128];

	(void)state;
	if (getenv("FLOW_TLS"))
		return 0;
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

/* ---- in a process of its own ---- */

#ifndef LWS_NO_FORK

static callback_function *flows;

/* Connections of the other process are none of the flow's. */
static int
pass_on(struct libwebsocket_context *context, struct libwebsocket *wsi,
	enum libwebsocket_callback_reasons reason, void *user, void *in,
	size_t len)
{
	switch ((int)reason) {
	case LWS_CALLBACK_BROADCAST:
		return libwebsocket_write(wsi, in, len, LWS_WRITE_TEXT) < 0;
	case LWS_CALLBACK_PROTOCOL_INIT:
	case LWS_CALLBACK_PROTOCOL_DESTROY:
		return flows(context, wsi, reason, user, in, len);
	}
	return 0;
}

static void
test_a_forked_service_shakes_hands_and_is_broadcast_to(void **state)
{
	struct puppet p;
	char buf[1024] = "";
	struct flow f;

	(void)state;
	begin(&f);
	flows = f.side[0].protocols[0].callback;
	f.side[0].protocols[0].callback = pass_on;
	flow_open(&f);
	assert_int_equal(libwebsockets_fork_service_loop(f.side[0].context),
			 0);
	make_puppet(&p);
	p.r = flow_raw_tcp(&f, 0);
	FLOW_UNTIL(&f, step(&f, &p, 100));
	SSL_write(p.ssl, upgrade, sizeof(upgrade) - 1);
	move_out(&f, &p, 100);
	FLOW_UNTIL(&f, (move_in(&p),
			SSL_read(p.ssl, buf, sizeof(buf) - 1) > 0));
	assert_non_null(strstr(buf, " 101 "));
	assert_int_equal(libwebsockets_broadcast(
				 f.side[0].protocols,
				 (unsigned char *)"hello", 5), 5);
	FLOW_UNTIL(&f, (move_in(&p), SSL_read(p.ssl, buf, 7) == 7));
	assert_memory_equal(buf, "\x81\5hello", 7);
	free_puppet(&p);
	flow_end(&f);
}

#endif

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_what_is_no_tls_gets_no_answer_and_one_line),
		cmocka_unit_test(test_records_may_arrive_byte_by_byte),
		cmocka_unit_test(
			test_a_close_is_survived_in_each_state_of_the_handshake),
		cmocka_unit_test(test_half_a_hello_has_its_time_and_no_more),
		cmocka_unit_test(
			test_a_client_that_speaks_only_other_protocols_is_refused),
		cmocka_unit_test(test_renegotiation_is_declined),
		cmocka_unit_test(test_older_versions_are_refused),
		cmocka_unit_test(
			test_a_turn_has_sixteen_steps_of_handshakes_at_most),
		cmocka_unit_test(
			test_clients_believe_what_they_should_and_nothing_else),
		cmocka_unit_test(
			test_what_was_tolerated_once_is_not_resumed_strictly),
		cmocka_unit_test(
			test_the_second_handshake_with_a_server_is_a_short_one),
		cmocka_unit_test(
			test_clients_show_certificates_and_the_application_judges),
		cmocka_unit_test(
			test_the_name_asked_for_chooses_the_certificate),
		cmocka_unit_test(
			test_a_reload_is_for_newcomers_and_all_or_nothing),
		cmocka_unit_test(
			test_a_context_that_serves_no_tls_has_nothing_to_reload),
		cmocka_unit_test(
			test_no_context_is_made_without_a_usable_certificate),
		cmocka_unit_test(
			test_without_a_key_the_application_is_asked_for_it),
		cmocka_unit_test(
			test_plain_and_tls_share_a_port_where_that_is_wanted),
		cmocka_unit_test(test_both_ends_say_goodbye),
		cmocka_unit_test(test_truncation_is_noticed),
		cmocka_unit_test(test_nothing_stays_hidden_behind_poll),
		cmocka_unit_test(
			test_who_stops_talking_still_gets_what_was_written_before_the_end),
		cmocka_unit_test(
			test_an_end_that_came_with_the_close_is_not_waited_for),
#ifndef LWS_NO_FORK
		cmocka_unit_test(
			test_a_forked_service_shakes_hands_and_is_broadcast_to),
#endif
	};

	return cmocka_run_group_tests(tests, make_certs, drop_certs);
}
