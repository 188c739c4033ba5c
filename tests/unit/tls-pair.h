/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * unit/tls-pair.h - two ends of TLS with a test in between.
 *
 * The client's socket leads to wire[0] and the server's to wire[1]; nothing
 * gets across unless the test carries it, as slowly as it likes.
 */
#ifndef LWS_UNIT_TLS_PAIR_H
#define LWS_UNIT_TLS_PAIR_H

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdio.h>

#include "unit/sockets.h"
#include "tls/openssl.h"

/* everything at once */
#define WHOLE 65536

static char unit_folder[] = "/tmp/lws-unit-XXXXXX";

LWS_UNUSED static int
unit_make_certs(void **state)
{
	char command[128];

	(void)state;
	if (!mkdtemp(unit_folder))
		return -1;
	snprintf(command, sizeof(command), "$LWS_RUNNER tls/certs %s",
		 unit_folder);
	return system(command);
}

LWS_UNUSED static int
unit_drop_certs(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", unit_folder);
	return system(command);
}

/* The path of one of them, good for the next 31 calls; NULL for NULL. */
LWS_UNUSED static const char *
unit_cert(const char *file)
{
	static char paths[32][128];
	static unsigned next;
	char *path = paths[next++ % COUNT(paths)];

	if (!file)
		return NULL;
	snprintf(path, sizeof(paths[0]), "%s/%s", unit_folder, file);
	return path;
}

/* Put the authority in that @folder, under the name that is looked for. */
LWS_UNUSED static int
unit_link_authority(const char *folder)
{
	FILE *f = fopen(unit_cert("ca.pem"), "r");
	X509 *ca = f ? PEM_read_X509(f, NULL, NULL, NULL) : NULL;
	char name[64];

	if (f)
		fclose(f);
	if (!ca)
		return -1;
	snprintf(name, sizeof(name), "%s/%08lx.0", folder,
		 X509_subject_name_hash(ca));
	X509_free(ca);
	return symlink("../ca.pem", unit_cert(name));
}

/* ---- the application's say ---- */

/* what clients speak at most; 0: the newest there is */
static int unit_version;

/* nonzero: no key; what verify() answers; whether it overrules OpenSSL */
static int unit_no_key, unit_verdict;
static bool unit_pardons;
static unsigned unit_verified;

LWS_UNUSED static void
unit_load_certs(struct libwebsocket_context *context, void *ssl_ctx,
		bool server)
{
	(void)context;
	if (!server)
		SSL_CTX_set_max_proto_version(ssl_ctx, unit_version);
}

LWS_UNUSED static int
unit_need_key(struct libwebsocket_context *context, void *ssl_ctx)
{
	(void)context;
	if (!unit_no_key)
		SSL_CTX_use_PrivateKey_file(ssl_ctx,
					    unit_cert("server.key.pem"),
					    SSL_FILETYPE_PEM);
	return unit_no_key;
}

LWS_UNUSED static int
unit_verify(struct libwebsocket_context *context, void *store_ctx, void *ssl,
	    int preverify_ok)
{
	(void)context;
	assert_non_null(ssl);
	unit_verified++;
	if (unit_pardons && !preverify_ok)
		X509_STORE_CTX_set_error(store_ctx, X509_V_OK);
	return unit_verdict;
}

LWS_UNUSED static int
unit_tls_new(const struct lws_context_creation_info *info, bool listens,
	     struct lws_tls **tls, char *why)
{
	static const struct lws_tls_hooks hooks = {
		.load_certs = unit_load_certs,
		.need_key = unit_need_key,
		.verify = unit_verify,
	};
	const struct lws_tls_setup setup = {
		.info = info,
		.hooks = &hooks,
		.listens = listens,
	};

	why[0] = '\0';
	return lws_tls_open(&setup, tls, why);
}

/* ---- both ends ---- */

struct unit_tls {
	struct lws_context_creation_info serves, connects;
	struct lws_tls *server, *client;
	struct lws_stream s, c;
	int at_server, at_client;	/* results of their handshakes */
	int wire[2];
	size_t carried[2];	/* bytes to the server, to the client */
	char why[LWS_TLS_WHY];
};

LWS_UNUSED static void
unit_tls_begin(struct unit_tls *t)
{
	memset(t, 0, sizeof(*t));
	t->s.fd = t->c.fd = t->wire[0] = t->wire[1] = -1;
	unit_version = unit_no_key = unit_verdict = 0;
	unit_pardons = false;
	unit_verified = 0;
	unit_allow(-1);
	unit_blocks = 0;
	t->serves.ssl_cert_filepath = unit_cert("server.pem");
	t->serves.ssl_private_key_filepath = unit_cert("server.key.pem");
	t->connects.ssl_ca_filepath = unit_cert("ca.pem");
}

LWS_UNUSED static void
unit_tls_open(struct unit_tls *t)
{
	if (unit_tls_new(&t->serves, true, &t->server, t->why) < 0 ||
	    unit_tls_new(&t->connects, false, &t->client, t->why) < 0)
		fail_msg("%s", t->why);
}

LWS_UNUSED static void
unit_tls_pair(struct lws_stream *stream, int *wire)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK |
				    SOCK_CLOEXEC, 0, fds), 0);
	memset(stream, 0, sizeof(*stream));
	stream->ops = &lws_transport_plain;
	stream->fd = fds[0];
	*wire = fds[1];
}

/* Two new streams, the client's to "localhost" or another @host. */
LWS_UNUSED static void
unit_tls_meet(struct unit_tls *t, const char *host, int mode)
{
	const struct lws_tls_peer peer = {
		.host = host ? host : "localhost", .port = 443, .mode = mode,
	};

	unit_tls_pair(&t->c, &t->wire[0]);
	unit_tls_pair(&t->s, &t->wire[1]);
	t->carried[0] = t->carried[1] = 0;
	assert_int_equal(lws_tls_accept(t->server, &t->s), 0);
	if (lws_tls_connect(t->client, &t->c, &peer, t->why) < 0)
		fail_msg("%s", t->why);
}

/* Carry at most @len bytes to the server (@to 0) or the client (1). */
LWS_UNUSED static size_t
unit_tls_carry(struct unit_tls *t, int to, size_t len)
{
	static char buf[WHOLE];
	ssize_t n = recv(t->wire[to], buf, len, MSG_PEEK);

	if (n > 0)
		n = send(t->wire[!to], buf, (size_t)n, MSG_NOSIGNAL);
	if (n <= 0)
		return 0;
	assert_int_equal(recv(t->wire[to], buf, (size_t)n, 0), n);
	t->carried[to] += (size_t)n;
	return (size_t)n;
}

/* Carry all there is, both ways. */
LWS_UNUSED static void
unit_tls_flush(struct unit_tls *t)
{
	while (unit_tls_carry(t, 0, WHOLE) + unit_tls_carry(t, 1, WHOLE))
		;
}

/* One step of each handshake that is not over, then @slice bytes each way. */
LWS_UNUSED static bool
unit_tls_step(struct unit_tls *t, size_t slice)
{
	if (t->at_client == LWS_ERR_AGAIN)
		t->at_client = t->c.ops->handshake(&t->c);
	if (t->at_client < LWS_ERR_AGAIN && !t->why[0])
		lws_tls_why(&t->c, t->why);
	if (t->at_server == LWS_ERR_AGAIN)
		t->at_server = t->s.ops->handshake(&t->s);
	if (t->at_server < LWS_ERR_AGAIN && !t->why[0])
		lws_tls_why(&t->s, t->why);
	return unit_tls_carry(t, 0, slice) + unit_tls_carry(t, 1, slice) > 0;
}

/* Both handshakes as far as they get; t->why is of the first that fails. */
LWS_UNUSED static void
unit_tls_shake(struct unit_tls *t, size_t slice)
{
	t->why[0] = '\0';
	t->at_client = t->at_server = LWS_ERR_AGAIN;
	while (unit_tls_step(t, slice))
		;
}

LWS_UNUSED static void
unit_tls_part(struct unit_tls *t)
{
	int n;

	t->c.ops->close(&t->c);
	t->s.ops->close(&t->s);
	for (n = 0; n < 2; n++) {
		close(t->wire[n]);
		t->wire[n] = -1;
	}
}

/* A handshake that works, tickets included. */
LWS_UNUSED static void
unit_tls_ready(struct unit_tls *t)
{
	char c;

	unit_tls_meet(t, NULL, 1);
	unit_tls_shake(t, WHOLE);
	if (t->at_client || t->at_server)
		fail_msg("%d, %d: %s", t->at_client, t->at_server, t->why);
	assert_int_equal(t->c.ops->recv(&t->c, &c, 1), LWS_ERR_AGAIN);
}

/* Everything is given back. */
LWS_UNUSED static void
unit_tls_end(struct unit_tls *t)
{
	lws_tls_close(t->client);
	lws_tls_close(t->server);
	assert_int_equal(unit_blocks, 0);
	assert_int_equal(ERR_peek_error(), 0);
}

#endif
