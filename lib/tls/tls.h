/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * tls/tls.h - what a context, its listener and its clients want of TLS.
 *
 * Two makers keep this contract: openssl*.c, and none.c, which says "not
 * built" at run time.  A connection costs the library's own memory nothing:
 * stream->tls is the SSL itself.  RFC 8446, RFC 5246; names: RFC 6125.
 */
#ifndef LWS_TLS_TLS_H
#define LWS_TLS_TLS_H

#include <stdbool.h>
#include <stddef.h>

#include "libwebsockets.h"
#include "net/stream.h"

/* room for one line that tells why, not newline-terminated */
#define LWS_TLS_WHY 256

/* all that a context has of TLS */
struct lws_tls;

/*
 * The application's say.  The SSL_CTX, X509_STORE_CTX and SSL are void *
 * because this header is there without OpenSSL, too.
 */
struct lws_tls_hooks {
	/* An SSL_CTX that verifies peers is ready for more certificates. */
	void (*load_certs)(struct libwebsocket_context *context, void *ssl_ctx,
			   bool server);

	/* A certificate was given without a key; nonzero fails. */
	int (*need_key)(struct libwebsocket_context *context, void *ssl_ctx);

	/* A client's certificate is being verified; nonzero rejects it. */
	int (*verify)(struct libwebsocket_context *context, void *store_ctx,
		      void *ssl, int preverify_ok);
};

struct lws_tls_setup {
	struct libwebsocket_context *context;	/* kept, for the hooks */
	const struct lws_context_creation_info *info;	/* borrowed */
	const struct lws_tls_hooks *hooks;	/* kept */
	bool listens;	/* the certificate is a server's, not a client's */
};

/* whom a client expects to meet */
struct lws_tls_peer {
	const char *host;	/* name or address */
	int port;
	int mode;	/* ssl_connection: 1 strict, 2 self-signed will do */
};

/* is TLS part of this build? */
bool lws_tls_built(void);

/*
 * Load what @setup->info names.  0 and *@tls, to be closed (NULL when there is
 * nothing to close), or an enum lws_err with @why filled.  Clients of a context
 * that listens are set up when the first of them connects.
 */
int lws_tls_open(const struct lws_tls_setup *setup, struct lws_tls **tls,
		 char why[LWS_TLS_WHY]);

/* NULL is fine.  No stream may be left that came of it. */
void lws_tls_close(struct lws_tls *tls);

/* Is the listener to speak TLS?  @tls may be NULL. */
bool lws_tls_serves(const struct lws_tls *tls);

/*
 * Newcomers get the certificate in @cert and @key, NULL for the files in use
 * now, which are read again, as those found by name are; on failure nothing
 * changes and @why is filled.  Who is connected notices nothing.
 */
int lws_tls_replace(struct lws_tls *tls, const char *cert, const char *key,
		   char why[LWS_TLS_WHY]);

/*
 * Make @stream, which is plain and stays where it is in memory, one end of TLS;
 * its handshake() comes next.  0, or an enum lws_err, for clients with @why
 * filled, and the stream is as it was.
 */
int lws_tls_accept(struct lws_tls *tls, struct lws_stream *stream);
int lws_tls_connect(struct lws_tls *tls, struct lws_stream *stream,
		    const struct lws_tls_peer *peer, char why[LWS_TLS_WHY]);

/*
 * Why the last call to @stream failed; ask before the next one to any.  True
 * when the cause is that the peer's certificate was refused here.
 */
bool lws_tls_why(const struct lws_stream *stream, char why[LWS_TLS_WHY]);

/* "TLSv1.3 TLS_AES_256_GCM_SHA384, resumed" once the handshake is done */
void lws_tls_describe(const struct lws_stream *stream, char *text, size_t len);

/* 0 plain, 1 TLS, 2 a client's that takes self-signed certificates */
int lws_tls_kind(const struct lws_stream *stream);

/* Close without a word: the connection goes on in another process. */
void lws_tls_mute(struct lws_stream *stream);

#endif
