/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * tls/openssl.c - what a context has of TLS: its copies of the creation info,
 * and the server and client sides made from them.
 *
 * The copies are kept because both sides may be made later than the context:
 * a reload makes the server side anew, and a context that listens makes its
 * client side when somebody connects.
 */
#include "tls/openssl.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/size.h"

bool
lws_tls_built(void)
{
	return true;
}

static void
forget(const char *text)
{
	lws_free((void *)(uintptr_t)text);
}

static void
free_certs(struct lws_tls *tls)
{
	size_t n;

	for (n = 0; n < tls->count; n++) {
		struct lws_tls_certificate *c = &tls->certs[n];

		forget(c->name);
		forget(c->cert);
		forget(c->key);
		if (c->password)
			OPENSSL_cleanse((void *)(uintptr_t)c->password,
					strlen(c->password));
		forget(c->password);
	}
	lws_free(tls->certs);
}

void
lws_tls_close(struct lws_tls *tls)
{
	if (!tls)
		return;
	lws_tls_client_close(tls);
	lws_tls_server_free(tls->server);
	BIO_meth_free(tls->bio);
	lws_plat_lock_free(tls->lock);
	free_certs(tls);
	lws_free(tls->ca);
	lws_free(tls->ciphers);
	lws_free(tls);
}

/* A copy of @text at *@to; false when there is no memory for it. */
static bool
copy(const char **to, const char *text)
{
	*to = lws_strdup(text);
	return *to || !text;
}

static bool
copy_cert(struct lws_tls_certificate *to,
	  const struct lws_tls_certificate *from)
{
	return copy(&to->name, from->name) && copy(&to->cert, from->cert) &&
	       copy(&to->key, from->key) &&
	       copy(&to->password, from->password);
}

static size_t
count_certs(const struct lws_context_creation_info *info)
{
	const struct lws_tls_certificate *more = info->tls_certificates;
	size_t n = info->ssl_cert_filepath ? 1 : 0;

	for (; more && more->cert; more++)
		n++;
	return n;
}

/* Copy the certificate of @info and those found by name. */
static int
copy_certs(struct lws_tls *tls, const struct lws_context_creation_info *info)
{
	const struct lws_tls_certificate first = {
		.cert = info->ssl_cert_filepath,
		.key = info->ssl_private_key_filepath,
		.password = info->ssl_private_key_password,
	};
	const size_t count = count_certs(info);
	size_t size;

	if (!count)
		return 0;
	if (!lws_mul_ok(count, sizeof(*tls->certs), &size))
		return LWS_ERR_NOMEM;
	tls->certs = lws_zalloc(size);
	if (!tls->certs)
		return LWS_ERR_NOMEM;
	while (tls->count < count) {
		const size_t n = tls->count++;

		if (!copy_cert(&tls->certs[n],
			       n ? &info->tls_certificates[n - 1] : &first))
			return LWS_ERR_NOMEM;
	}
	return 0;
}

/* What may be asked for, and what only looks as if it were. */
static int
check(const struct lws_tls_setup *setup, char why[LWS_TLS_WHY])
{
	const struct lws_context_creation_info *info = setup->info;

	if (info->ssl_cert_filepath)
		return 0;
	if (info->ssl_private_key_filepath)
		return lws_tls_failed(why, LWS_ERR_NOENT,
				      "the key in %s has no certificate",
				      info->ssl_private_key_filepath);
	if (info->tls_certificates)
		return lws_tls_failed(why, LWS_ERR_NOENT,
				      "tls_certificates are found by name; for "
				      "clients that send none "
				      "ssl_cert_filepath is needed, too");
	return 0;
}

static int
fill(struct lws_tls *tls, const struct lws_tls_setup *setup)
{
	const struct lws_context_creation_info *info = setup->info;

	tls->context = setup->context;
	tls->hooks = setup->hooks;
	tls->options = info->options;
	tls->listens = setup->listens;
	tls->client = info->provided_client_ssl_ctx;
	tls->provided = tls->client != NULL;
	tls->ca = lws_strdup(info->ssl_ca_filepath);
	tls->ciphers = lws_strdup(info->ssl_cipher_list);
	tls->bio = lws_tls_bio_new();
	tls->lock = lws_plat_lock_new();
	if (!tls->bio || (!tls->lock && lws_plat_has_threads()) ||
	    (info->ssl_ca_filepath && !tls->ca) ||
	    (info->ssl_cipher_list && !tls->ciphers))
		return LWS_ERR_NOMEM;
	return copy_certs(tls, info);
}

static int
start(struct lws_tls *tls, char why[LWS_TLS_WHY])
{
	if (!tls->listens)
		return tls->client ? 0 : lws_tls_client_open(tls, why);
	if (!tls->count)
		return 0;
	tls->server = lws_tls_server_new(tls, why);
	return tls->server ? 0 : LWS_ERR_NOENT;
}

int
lws_tls_open(const struct lws_tls_setup *setup, struct lws_tls **tls,
	     char why[LWS_TLS_WHY])
{
	int rc = check(setup, why);

	*tls = NULL;
	if (rc < 0)
		return rc;
	*tls = lws_zalloc(sizeof(**tls));
	if (!*tls || fill(*tls, setup) < 0)
		rc = lws_tls_failed(why, LWS_ERR_NOMEM, "out of memory");
	else
		rc = start(*tls, why);
	if (rc < 0) {
		lws_tls_close(*tls);
		*tls = NULL;
	}
	return rc;
}

bool
lws_tls_serves(const struct lws_tls *tls)
{
	return tls && __atomic_load_n(&tls->server, __ATOMIC_RELAXED);
}

/* Newcomers get @server, and nobody looks at the one before any more. */
static void
exchange(struct lws_tls *tls, struct lws_tls_server *server)
{
	struct lws_tls_server *before = tls->server;

	lws_plat_lock(tls->lock);
	__atomic_store_n(&tls->server, server, __ATOMIC_RELAXED);
	lws_plat_unlock(tls->lock);
	lws_tls_server_free(before);
}

/* The server side as @main wants it; the one before is given up for it. */
static int
swap(struct lws_tls *tls, const struct lws_tls_certificate *main,
     char why[LWS_TLS_WHY])
{
	const struct lws_tls_certificate before = tls->certs[0];
	struct lws_tls_server *server;

	tls->certs[0] = *main;
	server = lws_tls_server_new(tls, why);
	if (!server) {
		tls->certs[0] = before;
		return LWS_ERR_NOENT;
	}
	exchange(tls, server);
	forget(before.cert);
	forget(before.key);
	return 0;
}

int
lws_tls_replace(struct lws_tls *tls, const char *cert, const char *key,
	       char why[LWS_TLS_WHY])
{
	struct lws_tls_certificate main;
	int rc;

	if (!lws_tls_serves(tls))
		return lws_tls_failed(why, LWS_ERR_UNSUPPORTED,
				      "this context is no TLS server");
	main = tls->certs[0];
	if (!copy(&main.cert, cert ? cert : tls->certs[0].cert) ||
	    !copy(&main.key, key ? key : tls->certs[0].key))
		rc = lws_tls_failed(why, LWS_ERR_NOMEM, "out of memory");
	else
		rc = swap(tls, &main, why);
	if (rc < 0) {
		if (main.cert != tls->certs[0].cert)
			forget(main.cert);
		if (main.key != tls->certs[0].key)
			forget(main.key);
	}
	return rc;
}
