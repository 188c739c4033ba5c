/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * tls/none.c - TLS in a build that has none: every wish for it is refused.
 */
#include "tls/tls.h"

#include <stdio.h>

#include "base/err.h"

static int
not_built(char why[LWS_TLS_WHY], const char *what)
{
	snprintf(why, LWS_TLS_WHY, "%s, but this build has no TLS", what);
	return LWS_ERR_UNSUPPORTED;
}

bool
lws_tls_built(void)
{
	return false;
}

int
lws_tls_open(const struct lws_tls_setup *setup, struct lws_tls **tls,
	     char why[LWS_TLS_WHY])
{
	const struct lws_context_creation_info *info = setup->info;

	*tls = NULL;
	if (info->ssl_cert_filepath || info->ssl_private_key_filepath ||
	    info->tls_certificates)
		return not_built(why, "a certificate is given");
	return 0;
}

void
lws_tls_close(struct lws_tls *tls)
{
	(void)tls;
}

bool
lws_tls_serves(const struct lws_tls *tls)
{
	(void)tls;
	return false;
}

int
lws_tls_replace(struct lws_tls *tls, const char *cert, const char *key,
	       char why[LWS_TLS_WHY])
{
	(void)tls;
	(void)cert;
	(void)key;
	return not_built(why, "a certificate is given");
}

int
lws_tls_accept(struct lws_tls *tls, struct lws_stream *stream)
{
	(void)tls;
	(void)stream;
	return LWS_ERR_UNSUPPORTED;
}

int
lws_tls_connect(struct lws_tls *tls, struct lws_stream *stream,
		const struct lws_tls_peer *peer, char why[LWS_TLS_WHY])
{
	(void)tls;
	(void)stream;
	(void)peer;
	return not_built(why, "TLS is asked for");
}

bool
lws_tls_why(const struct lws_stream *stream, char why[LWS_TLS_WHY])
{
	(void)stream;
	snprintf(why, LWS_TLS_WHY, "this build has no TLS");
	return false;
}

void
lws_tls_describe(const struct lws_stream *stream, char *text, size_t len)
{
	(void)stream;
	snprintf(text, len, "no TLS");
}

int
lws_tls_kind(const struct lws_stream *stream)
{
	(void)stream;
	return 0;
}

void
lws_tls_mute(struct lws_stream *stream)
{
	(void)stream;
}
