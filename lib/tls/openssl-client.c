/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * tls/openssl-client.c - the side that verifies certificates.
 *
 * With ssl_connection 1 the chain must lead to somebody trusted and the
 * certificate must be for the host connected to (RFC 6125).  With 2 a
 * certificate may vouch for itself, and no name is looked at; everything else
 * still counts.
 *
 * Sessions are kept per peer and mode: what was accepted with 2 is never
 * resumed with 1, since a resumed session is not verified again.  Tickets of
 * TLS 1.3 are used once (RFC 8446 appendix C.4).
 */
#include "tls/openssl.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"

/* a host name with mode and port in front */
#define PEER_LEN 300

static const unsigned char http11[] = "\x08http/1.1";

/* ---- sessions ---- */

static struct lws_tls_session *
find_session(struct lws_tls *tls, const char *peer)
{
	size_t n;

	for (n = 0; n < LWS_TLS_SESSIONS; n++)
		if (tls->sessions[n].peer &&
		    !strcmp(tls->sessions[n].peer, peer))
			return &tls->sessions[n];
	return NULL;
}

static void
drop_session(struct lws_tls_session *s)
{
	SSL_SESSION_free(s->session);
	lws_free(s->peer);
	s->session = NULL;
	s->peer = NULL;
}

static bool
keep(struct lws_tls *tls, const char *peer, SSL_SESSION *session)
{
	struct lws_tls_session *s = find_session(tls, peer);

	if (!s)
		s = &tls->sessions[tls->next_session++ % LWS_TLS_SESSIONS];
	drop_session(s);
	s->peer = lws_strdup(peer);
	if (!s->peer)
		return false;
	s->session = session;
	return true;
}

/* OpenSSL has made one; the result is whether its reference is kept. */
static int
new_session(SSL *ssl, SSL_SESSION *session)
{
	struct lws_tls *tls = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
	const char *peer = SSL_get_app_data(ssl);
	bool kept;

	if (!peer || SSL_get_verify_result(ssl) != X509_V_OK)
		return 0;
	lws_plat_lock(tls->lock);
	kept = keep(tls, peer, session);
	lws_plat_unlock(tls->lock);
	return kept;
}

static void
offer(SSL *ssl, struct lws_tls_session *s)
{
	SSL_set_session(ssl, s->session);
	if (SSL_SESSION_get_protocol_version(s->session) >= TLS1_3_VERSION)
		drop_session(s);
}

static void
offer_session(struct lws_tls *tls, SSL *ssl, const char *peer)
{
	struct lws_tls_session *s;

	lws_plat_lock(tls->lock);
	s = find_session(tls, peer);
	if (s)
		offer(ssl, s);
	lws_plat_unlock(tls->lock);
}

/* ---- the context's client side ---- */

static int
trust(struct lws_tls *tls, SSL_CTX *ctx, char why[LWS_TLS_WHY])
{
	if (tls->ca && SSL_CTX_load_verify_file(ctx, tls->ca) != 1)
		return lws_tls_failed(why, LWS_ERR_NOENT,
				      "cannot use the authorities in %s: %s",
				      tls->ca, lws_tls_reason());
	/* looked at when a certificate is verified: it need not be there */
	if (!tls->ca)
		SSL_CTX_load_verify_dir(ctx, LWS_OPENSSL_CLIENT_CERTS);
	if (!(tls->options & LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS))
		lws_tls_trust_system(ctx);
	ERR_clear_error();
	return 0;
}

static int
prepare(struct lws_tls *tls, SSL_CTX *ctx, char why[LWS_TLS_WHY])
{
	int rc = lws_tls_basics(tls, ctx, why);

	if (rc < 0)
		return rc;
	if (SSL_CTX_set_alpn_protos(ctx, http11, sizeof(http11) - 1))
		return lws_tls_failed(why, LWS_ERR_NOMEM, "out of memory");
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT |
					    SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(ctx, new_session);
	rc = trust(tls, ctx, why);
	if (rc >= 0 && tls->count && !tls->listens)
		rc = lws_tls_load(tls, ctx, &tls->certs[0], why);
	if (rc >= 0)
		tls->hooks->load_certs(tls->context, ctx, false);
	return rc;
}

int
lws_tls_client_open(struct lws_tls *tls, char why[LWS_TLS_WHY])
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method()), *none = NULL;
	int rc;

	if (!ctx)
		return lws_tls_failed(why, LWS_ERR_NOMEM,
				      "OpenSSL does not start: %s",
				      lws_tls_reason());
	rc = prepare(tls, ctx, why);
	if (rc < 0 || !__atomic_compare_exchange_n(&tls->client, &none, ctx,
						   false, __ATOMIC_ACQ_REL,
						   __ATOMIC_ACQUIRE))
		SSL_CTX_free(ctx);
	return rc;
}

void
lws_tls_client_close(struct lws_tls *tls)
{
	size_t n;

	for (n = 0; n < LWS_TLS_SESSIONS; n++)
		drop_session(&tls->sessions[n]);
	if (!tls->provided)
		SSL_CTX_free(tls->client);
}

/* ---- one connection ---- */

/* All is well with the certificate but that nobody vouches for it. */
static int
tolerate(int ok, X509_STORE_CTX *store)
{
	switch (X509_STORE_CTX_get_error(store)) {
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
		X509_STORE_CTX_set_error(store, X509_V_OK);
		return 1;
	default:
		return ok;
	}
}

/* Copy @host without brackets and without a dot at its end; does it fit? */
static bool
bare_name(const char *host, char name[PEER_LEN])
{
	size_t len = strlen(host);

	if (len > 2 && host[0] == '[' && host[len - 1] == ']') {
		host++;
		len -= 2;
	}
	if (len > 1 && host[len - 1] == '.')
		len--;
	if (!len || len > TLSEXT_MAXLEN_host_name)
		return false;
	memcpy(name, host, len);
	name[len] = '\0';
	return true;
}

/* Only names are sent, addresses are not (RFC 6066 section 3). */
static bool
expect(SSL *ssl, const char *name, int mode)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);
	const bool address = X509_VERIFY_PARAM_set1_ip_asc(param, name) == 1;

	ERR_clear_error();
	if (address && mode == 2)
		return X509_VERIFY_PARAM_set1_ip(param, NULL, 0) == 1;
	if (address)
		return true;
	if (SSL_set_tlsext_host_name(ssl, name) != 1)
		return false;
	if (mode == 2)
		return true;
	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return SSL_set1_host(ssl, name) == 1;
}

/* A verifier of the application's own stays, but its word is not enough. */
static bool
begin(struct lws_tls *tls, SSL *ssl, const struct lws_tls_peer *peer)
{
	char name[PEER_LEN], key[PEER_LEN + 32];

	if (!bare_name(peer->host, name) || !expect(ssl, name, peer->mode))
		return false;
	SSL_set_verify(ssl, SSL_VERIFY_PEER,
		       peer->mode == 2 ? tolerate
				       : SSL_get_verify_callback(ssl));
	SSL_set_connect_state(ssl);
	if (tls->provided)
		return true;
	snprintf(key, sizeof(key), "%d %d %s", peer->mode, peer->port, name);
	SSL_set_app_data(ssl, lws_strdup(key));
	offer_session(tls, ssl, key);
	return true;
}

int
lws_tls_connect(struct lws_tls *tls, struct lws_stream *stream,
		const struct lws_tls_peer *peer, char why[LWS_TLS_WHY])
{
	SSL_CTX *ctx = __atomic_load_n(&tls->client, __ATOMIC_ACQUIRE);
	int rc = ctx ? 0 : lws_tls_client_open(tls, why);

	if (rc < 0)
		return rc;
	if (!ctx)
		ctx = __atomic_load_n(&tls->client, __ATOMIC_ACQUIRE);
	if (lws_tls_attach(tls, ctx, stream) < 0)
		return lws_tls_failed(why, LWS_ERR_NOMEM, "out of memory");
	if (begin(tls, stream->tls, peer))
		return 0;
	SSL_free(stream->tls);
	stream->tls = NULL;
	stream->ops = &lws_transport_plain;
	return lws_tls_failed(why, LWS_ERR_NOENT,
			      "cannot be the name of a TLS server: \"%s\"",
			      peer->host);
}

/* The data of an SSL is the application's if its SSL_CTX is. */
void
lws_tls_client_forget(SSL *ssl)
{
	if (SSL_CTX_sess_get_new_cb(SSL_get_SSL_CTX(ssl)) == new_session)
		lws_free(SSL_get_app_data(ssl));
}

/* A list of ciphers may allow servers without any certificate: we do not. */
int
lws_tls_client_check(SSL *ssl)
{
	if (SSL_is_server(ssl))
		return 0;
	if (!SSL_get0_peer_certificate(ssl))
		SSL_set_verify_result(ssl, X509_V_ERR_UNSPECIFIED);
	return SSL_get_verify_result(ssl) == X509_V_OK ? 0 : LWS_ERR_ACCESS;
}

int
lws_tls_kind(const struct lws_stream *stream)
{
	const SSL *ssl = stream->tls;

	if (!ssl)
		return 0;
	return SSL_get_verify_callback(ssl) == tolerate ? 2 : 1;
}
