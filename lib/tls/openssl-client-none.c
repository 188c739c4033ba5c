/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * tls/openssl-client-none.c - TLS in a build without the client: its contexts
 * are servers or have no TLS to do.
 */
#include "tls/openssl.h"

int
lws_tls_client_open(struct lws_tls *tls, char why[LWS_TLS_WHY])
{
	(void)tls;
	(void)why;
	return 0;
}

void
lws_tls_client_close(struct lws_tls *tls)
{
	(void)tls;
}

int
lws_tls_client_check(SSL *ssl)
{
	(void)ssl;
	return 0;
}

void
lws_tls_client_forget(SSL *ssl)
{
	(void)ssl;
}

int
lws_tls_kind(const struct lws_stream *stream)
{
	return stream->tls ? 1 : 0;
}
