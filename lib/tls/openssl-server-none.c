/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * tls/openssl-server-none.c - TLS in a build without the server: nobody is
 * shown a certificate.
 */
#include "tls/openssl.h"

#include "base/err.h"

struct lws_tls_server *
lws_tls_server_new(struct lws_tls *tls, char why[LWS_TLS_WHY])
{
	(void)tls;
	lws_tls_failed(why, LWS_ERR_UNSUPPORTED,
		       "a server was asked for, but this build has none");
	return NULL;
}

void
lws_tls_server_free(struct lws_tls_server *server)
{
	(void)server;
}
