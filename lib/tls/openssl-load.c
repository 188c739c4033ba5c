/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * tls/openssl-load.c - giving an SSL_CTX its certificate, and the settings that
 * both ends have in common.
 */
#include "tls/openssl.h"

#include <openssl/err.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/span.h"

/* what is remembered of a question for a passphrase */
struct passphrase {
	const char *text;	/* NULL: there is none */
	bool asked;
};

/* OpenSSL's own way would be to ask the terminal. */
static int
give_passphrase(char *buf, int size, int writing, void *arg)
{
	struct passphrase *p = arg;
	const size_t len = p && p->text ? strlen(p->text) : 0;

	(void)writing;
	if (p)
		p->asked = true;
	if (!len || len > (size_t)size)
		return 0;
	memcpy(buf, p->text, len);
	return (int)len;
}

static int
load_key(struct lws_tls *tls, SSL_CTX *ctx,
	 const struct lws_tls_certificate *cert, char why[LWS_TLS_WHY])
{
	struct passphrase p = { .text = cert->password };
	int ok;

	if (!cert->key)
		return tls->hooks->need_key(tls->context, ctx) ?
			lws_tls_failed(why, LWS_ERR_USER,
				       "no key for the certificate in %s, and "
				       "the application has none either",
				       cert->cert) : 0;
	SSL_CTX_set_default_passwd_cb_userdata(ctx, &p);
	ok = SSL_CTX_use_PrivateKey_file(ctx, cert->key, SSL_FILETYPE_PEM);
	SSL_CTX_set_default_passwd_cb_userdata(ctx, NULL);
	if (ok == 1)
		return 0;
	if (p.asked && ERR_GET_REASON(ERR_peek_last_error()) !=
		       X509_R_KEY_VALUES_MISMATCH)
		return lws_tls_failed(why, LWS_ERR_ACCESS,
				      "cannot read the key in %s: %s",
				      cert->key, p.text ?
				      "the passphrase is wrong" :
				      "it needs a passphrase");
	return lws_tls_failed(why, LWS_ERR_NOENT,
			      "cannot use the key in %s: %s", cert->key,
			      lws_tls_reason());
}

/* Whoever shows an outdated certificate wants to know before the clients do. */
static void
check_dates(SSL_CTX *ctx, const char *file)
{
	const X509 *x = SSL_CTX_get0_certificate(ctx);

	if (X509_cmp_current_time(X509_get0_notAfter(x)) < 0)
		lwsl_warn("the certificate in %s has expired\n", file);
	else if (X509_cmp_current_time(X509_get0_notBefore(x)) > 0)
		lwsl_warn("the certificate in %s is not valid yet\n", file);
}

int
lws_tls_load(struct lws_tls *tls, SSL_CTX *ctx,
	     const struct lws_tls_certificate *cert, char why[LWS_TLS_WHY])
{
	int rc;

	ERR_clear_error();
	if (SSL_CTX_use_certificate_chain_file(ctx, cert->cert) != 1)
		return lws_tls_failed(why, LWS_ERR_NOENT,
				      "cannot use the certificate in %s: %s",
				      cert->cert, lws_tls_reason());
	rc = load_key(tls, ctx, cert, why);
	if (rc < 0)
		return rc;
	if (SSL_CTX_check_private_key(ctx) != 1)
		return lws_tls_failed(why, LWS_ERR_NOENT,
				      cert->key ?
				      "cannot use the key in %s: %s" :
				      "the certificate in %s has no key: %s",
				      cert->key ? cert->key : cert->cert,
				      lws_tls_reason());
	check_dates(ctx, cert->cert);
	return 0;
}

/* Move the names of TLS 1.3 from @list to @suites, the others to @old. */
static void
sort_ciphers(const char *list, char *suites, char *old)
{
	struct lws_span rest = lws_span_str(list);

	*suites = *old = '\0';
	while (rest.len) {
		const struct lws_span name = lws_span_take_until(&rest, ':');
		char *to = name.len > 4 && !memcmp(name.p, "TLS_", 4) ? suites
								      : old;
		size_t at = strlen(to);

		if (at)
			to[at++] = ':';
		memcpy(to + at, name.p, name.len);
		to[at + name.len] = '\0';
	}
}

/* The names that are there choose; of a kind not named, the default stays. */
static int
choose_ciphers(SSL_CTX *ctx, const char *suites, const char *old)
{
	if (*suites && SSL_CTX_set_ciphersuites(ctx, suites) != 1)
		return -1;
	if (!*old && *suites)
		return SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) == 1
			? 0 : -1;
	return SSL_CTX_set_cipher_list(ctx, old) == 1 ? 0 : -1;
}

static int
set_ciphers(SSL_CTX *ctx, const char *list, char why[LWS_TLS_WHY])
{
	const size_t room = strlen(list) + 2;
	char *text = lws_alloc(2 * room);
	int rc;

	if (!text)
		return lws_tls_failed(why, LWS_ERR_NOMEM, "out of memory");
	sort_ciphers(list, text, text + room);
	rc = choose_ciphers(ctx, text, text + room);
	lws_free(text);
	return rc < 0 ? lws_tls_failed(why, LWS_ERR_UNSUPPORTED,
				       "no cipher in \"%s\" can be used", list)
		      : 0;
}

int
lws_tls_basics(struct lws_tls *tls, SSL_CTX *ctx, char why[LWS_TLS_WHY])
{
	SSL_CTX_set_app_data(ctx, tls);
	SSL_CTX_set_default_passwd_cb(ctx, give_passphrase);
	SSL_CTX_set_options(ctx, SSL_OP_NO_COMPRESSION |
				 SSL_OP_NO_RENEGOTIATION |
				 SSL_OP_CIPHER_SERVER_PREFERENCE);
	if (SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION) != 1)
		return lws_tls_failed(why, LWS_ERR_UNSUPPORTED,
				      "no TLS 1.2 or later: %s",
				      lws_tls_reason());
	return set_ciphers(ctx, tls->ciphers ? tls->ciphers
					     : CIPHERS_LIST_STRING, why);
}
