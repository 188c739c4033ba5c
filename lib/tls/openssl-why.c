/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * tls/openssl-why.c - OpenSSL's errors as one line for a human.
 *
 * OpenSSL keeps a queue of errors for each thread.  The oldest is the cause,
 * what follows tells who passed it on.
 */
#include "tls/openssl.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* what OpenSSL says in fewer words than help */
static const struct {
	int lib, reason;
	const char *text;
} plainer[] = {
	{ ERR_LIB_SSL, SSL_R_HTTP_REQUEST, "plain HTTP on a TLS port" },
	{ ERR_LIB_SSL, SSL_R_WRONG_VERSION_NUMBER,
	  "wrong version number: the peer does not speak TLS here" },
	{ ERR_LIB_SSL, SSL_R_NO_APPLICATION_PROTOCOL,
	  "no application protocol: http/1.1 is not among those offered" },
	{ ERR_LIB_SSL, SSL_R_UNEXPECTED_EOF_WHILE_READING,
	  "the peer closed without a word of TLS" },
	{ ERR_LIB_X509, X509_R_KEY_VALUES_MISMATCH,
	  "the key does not belong to the certificate" },
	{ ERR_LIB_X509, X509_R_KEY_TYPE_MISMATCH,
	  "the key does not belong to the certificate" },
	/* a key of another kind, so there is a place for its certificate */
	{ ERR_LIB_SSL, SSL_R_NO_CERTIFICATE_ASSIGNED,
	  "the key does not belong to the certificate" },
	{ ERR_LIB_PEM, PEM_R_NO_START_LINE, "nothing in PEM is in it" },
};

const char *
lws_tls_reason(void)
{
	const unsigned long e = ERR_peek_error();
	const char *text;
	size_t n;

	if (!e)
		return errno ? strerror(errno) : "closed by the peer";
	if (ERR_SYSTEM_ERROR(e))
		return strerror((int)ERR_GET_REASON(e));
	for (n = 0; n < sizeof(plainer) / sizeof(plainer[0]); n++)
		if (ERR_GET_LIB(e) == plainer[n].lib &&
		    ERR_GET_REASON(e) == plainer[n].reason)
			return plainer[n].text;
	text = ERR_reason_error_string(e);
	return text ? text : "unknown error of OpenSSL";
}

int
lws_tls_failed(char why[LWS_TLS_WHY], int rc, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why, LWS_TLS_WHY, format, args);
	va_end(args);
	ERR_clear_error();
	return rc;
}

/* A certificate that was refused is the cause of whatever followed. */
bool
lws_tls_why(const struct lws_stream *stream, char why[LWS_TLS_WHY])
{
	const SSL *ssl = stream->tls;
	const long verdict = ssl ? SSL_get_verify_result(ssl) : X509_V_OK;

	if (verdict != X509_V_OK)
		lws_tls_failed(why, 0, "certificate refused: %s",
			       X509_verify_cert_error_string(verdict));
	else
		lws_tls_failed(why, 0, "%s", lws_tls_reason());
	return verdict != X509_V_OK;
}
