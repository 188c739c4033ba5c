/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * tls/openssl.h - what the files of TLS by OpenSSL share.
 */
#ifndef LWS_TLS_OPENSSL_H
#define LWS_TLS_OPENSSL_H

#include <openssl/ssl.h>

#include "plat/plat.h"
#include "tls/tls.h"

/* sessions of clients that are kept for reuse */
#define LWS_TLS_SESSIONS 16

struct lws_tls_session {
	char *peer;	/* mode, port and host as one string */
	SSL_SESSION *session;
};

/* what a server shows; the first entry is for whom no other is found */
struct lws_tls_server {
	size_t count;
	struct {
		SSL_CTX *ctx;
		const char *name;	/* NULL: those in the certificate */
	} list[];
};

/*
 * All threads of a context use it: what changes once they do is atomic or under
 * the lock, which is held while nothing waits.  A handshake takes it a few
 * times, what follows never does.
 */
struct lws_tls {
	struct libwebsocket_context *context;
	const struct lws_tls_hooks *hooks;
	unsigned options;
	bool listens;
	char *ca, *ciphers;
	size_t count;		/* certificates, the first is the main one */
	struct lws_tls_certificate *certs;	/* copies */
	struct lws_lock *lock;	/* of server and sessions */
	struct lws_tls_server *server;	/* NULL: it is none, for good */
	SSL_CTX *client;	/* NULL until it is needed; atomic */
	bool provided;		/* by the application, which owns it */
	BIO_METHOD *bio;
	size_t next_session;	/* the one to be replaced */
	struct lws_tls_session sessions[LWS_TLS_SESSIONS];
};

/* ---- openssl-why.c ---- */

/* The first error that OpenSSL holds for this thread, as words. */
const char *lws_tls_reason(void);

/* Write a line and forget OpenSSL's errors; the result is @rc. */
int lws_tls_failed(char why[LWS_TLS_WHY], int rc, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* ---- openssl-load.c ---- */

/* Have @ctx show the certificate @cert. */
int lws_tls_load(struct lws_tls *tls, SSL_CTX *ctx,
		 const struct lws_tls_certificate *cert,
		 char why[LWS_TLS_WHY]);

/* ciphers, versions, modes: what both ends have in common */
int lws_tls_basics(struct lws_tls *tls, SSL_CTX *ctx, char why[LWS_TLS_WHY]);

/* ---- openssl-server.c ---- */

/* All that newcomers may be shown, given, or NULL with @why filled. */
struct lws_tls_server *lws_tls_server_new(struct lws_tls *tls,
					  char why[LWS_TLS_WHY]);
void lws_tls_server_free(struct lws_tls_server *server);

/* ---- openssl-client.c ---- */

/*
 * Set tls->client up, unless another thread just has: 0, or an enum lws_err
 * with @why filled.
 */
int lws_tls_client_open(struct lws_tls *tls, char why[LWS_TLS_WHY]);
void lws_tls_client_close(struct lws_tls *tls);

/* After the handshake of a client: may it go on?  0 or LWS_ERR_ACCESS. */
int lws_tls_client_check(SSL *ssl);

/* Free what is kept for @ssl, of either side, before it goes. */
void lws_tls_client_forget(SSL *ssl);

/* ---- openssl-trust.c, openssl-trust-none.c ---- */

/* Trust what the system trusts; less trust is no failure. */
void lws_tls_trust_system(SSL_CTX *ctx);

/* ---- openssl-stream.c ---- */

/* How bytes get to a socket: free with BIO_meth_free().  NULL: no memory. */
BIO_METHOD *lws_tls_bio_new(void);

/* Make @stream one end of TLS; 0 or LWS_ERR_NOMEM. */
int lws_tls_attach(struct lws_tls *tls, SSL_CTX *ctx,
		   struct lws_stream *stream);

extern const struct lws_transport_ops lws_transport_tls;

#endif
