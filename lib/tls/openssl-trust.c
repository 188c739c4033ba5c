/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * tls/openssl-trust.c - the system's store of authorities.
 */
#include "tls/openssl.h"

#include <openssl/err.h>

void
lws_tls_trust_system(SSL_CTX *ctx)
{
	if (SSL_CTX_set_default_verify_paths(ctx) != 1)
		lwsl_warn("the system's authorities are not trusted: %s\n",
			  lws_tls_reason());
	ERR_clear_error();
}
