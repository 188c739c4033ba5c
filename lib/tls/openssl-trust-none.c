/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * tls/openssl-trust-none.c - a build that leaves the system's store of
 * authorities alone.
 */
#include "tls/openssl.h"

void
lws_tls_trust_system(SSL_CTX *ctx)
{
	(void)ctx;
}
