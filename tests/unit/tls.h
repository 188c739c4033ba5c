/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * unit/tls.h - certificates, and both ends of a TLS connection.
 *
 * tls/certs makes the files; tests run in the folder above it.  Where it is a
 * program of another machine, LWS_RUNNER in the environment is what runs it.
 */
#ifndef LWS_UNIT_TLS_H
#define LWS_UNIT_TLS_H

#include <openssl/ssl.h>
#include <stdio.h>

#include "unit/sockets.h"
#include "tls/tls.h"

static char tls_folder[] = "/tmp/lws-tls-XXXXXX";

LWS_UNUSED static int
tls_make_certs(void **state)
{
	char command[128];

	(void)state;
	if (!mkdtemp(tls_folder))
		return -1;
	snprintf(command, sizeof(command), "$LWS_RUNNER tls/certs %s",
		 tls_folder);
	return system(command);
}

LWS_UNUSED static int
tls_drop_certs(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", tls_folder);
	return system(command);
}

/* The path of one; good until the eighth call from now. */
LWS_UNUSED static const char *
tls_file(const char *name)
{
	static char paths[8][128];
	static unsigned next;
	char *path = paths[next++ % COUNT(paths)];

	snprintf(path, sizeof(paths[0]), "%s/%s", tls_folder, name);
	return path;
}

/* SSL_CTX that the application was given for more certificates */
static unsigned tls_loads;

static void
tls_count_load(struct libwebsocket_context *context, void *ssl_ctx,
	       bool server)
{
	(void)context;
	(void)server;
	assert_non_null(ssl_ctx);
	tls_loads++;
}

static int
tls_have_no_key(struct libwebsocket_context *context, void *ssl_ctx)
{
	(void)context;
	assert_non_null(ssl_ctx);
	return 1;
}

static int
tls_trust_openssl(struct libwebsocket_context *context, void *store_ctx,
		  void *ssl, int preverify_ok)
{
	(void)context;
	(void)preverify_ok;
	assert_non_null(store_ctx);
	assert_non_null(ssl);
	return 0;
}

static const struct lws_tls_hooks tls_hooks = {
	.load_certs = tls_count_load,
	.need_key = tls_have_no_key,
	.verify = tls_trust_openssl,
};

/* What @info comes to, or NULL with @why filled. */
LWS_UNUSED static struct lws_tls *
tls_try(const struct lws_context_creation_info *info, bool listens, char *why)
{
	const struct lws_tls_setup setup = {
		.info = info,
		.hooks = &tls_hooks,
		.listens = listens,
	};
	struct lws_tls *tls;
	const int rc = lws_tls_open(&setup, &tls, why);

	assert_int_equal(rc < 0, tls == NULL);
	return tls;
}

/* The sides of a server and of a client that trusts it. */
LWS_UNUSED static void
tls_sides(struct lws_tls *sides[2], unsigned options)
{
	const struct lws_context_creation_info infos[2] = {
		{
			.ssl_cert_filepath = tls_file("client.pem"),
			.ssl_private_key_filepath = tls_file("client.key.pem"),
			.ssl_ca_filepath = tls_file("ca.pem"),
		},
		{
			.ssl_cert_filepath = tls_file("server.pem"),
			.ssl_private_key_filepath = tls_file("server.key.pem"),
			.ssl_ca_filepath = tls_file("ca.pem"),
			.options = options,
		},
	};
	char why[LWS_TLS_WHY];
	int n;

	for (n = 0; n < 2; n++) {
		sides[n] = tls_try(&infos[n], n, why);
		assert_non_null(sides[n]);
	}
}

/* Plain streams over @fds become TLS; @ends[0] is the client's. */
LWS_UNUSED static void
tls_attach_ends(struct lws_tls *sides[2], const int fds[2],
		struct lws_stream ends[2])
{
	const struct lws_tls_peer peer = { "localhost", 1, 1 };
	char why[LWS_TLS_WHY];
	int n;

	memset(ends, 0, 2 * sizeof(ends[0]));
	for (n = 0; n < 2; n++) {
		ends[n].ops = &lws_transport_plain;
		ends[n].fd = fds[n];
	}
	assert_int_equal(lws_tls_connect(sides[0], &ends[0], &peer, why), 0);
	assert_int_equal(lws_tls_accept(sides[1], &ends[1]), 0);
}

LWS_UNUSED static void
tls_shake_hands(struct lws_stream ends[2])
{
	int rc[2] = { LWS_ERR_AGAIN, LWS_ERR_AGAIN }, n;

	while (rc[0] || rc[1])
		for (n = 0; n < 2; n++) {
			if (!rc[n])
				continue;
			rc[n] = ends[n].ops->handshake(&ends[n]);
			assert_true(!rc[n] || rc[n] == LWS_ERR_AGAIN);
		}
}

#endif
