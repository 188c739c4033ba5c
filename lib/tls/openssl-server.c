/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * tls/openssl-server.c - the side that shows certificates.
 *
 * One SSL_CTX per certificate, all with the same settings.  A session begins
 * with the first; the name a client asks for (RFC 6066 section 3) may move it
 * to another.  Sessions are resumed by tickets and, for clients without them,
 * by ids.
 */
#include "tls/openssl.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/span.h"

/* sessions kept for clients of TLS 1.2 that take no tickets */
#define KEPT_SESSIONS 1024

/* the one protocol spoken above TLS: RFC 7301 */
static const unsigned char http11[] = "\x08http/1.1";

/* Who offers other protocols only is told so (RFC 7301 section 3.2). */
static int
choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_len,
		const unsigned char *in, unsigned int in_len, void *arg)
{
	unsigned char *chosen;

	(void)ssl;
	(void)arg;
	if (SSL_select_next_proto(&chosen, out_len, http11, sizeof(http11) - 1,
				  in, in_len) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

/* Is @host what the pattern @name, perhaps "*.example.org", means? */
static bool
fits(const char *name, const char *host)
{
	if (name[0] == '*' && name[1] == '.') {
		host = strchr(host, '.');
		name++;
	}
	return host && lws_span_eq_nocase(lws_span_str(name), host);
}

static bool
is_for(const SSL_CTX *ctx, const char *name, const char *host)
{
	if (name)
		return fits(name, host);
	return X509_check_host(SSL_CTX_get0_certificate(ctx), host, 0, 0,
			       NULL) == 1;
}

static void
move_to(SSL *ssl, const struct lws_tls_server *server, const char *host)
{
	size_t n;

	for (n = 1; n < server->count; n++)
		if (is_for(server->list[n].ctx, server->list[n].name, host)) {
			SSL_set_SSL_CTX(ssl, server->list[n].ctx);
			return;
		}
}

/* No certificate for that name: the main one, and the client decides. */
static int
choose_certificate(SSL *ssl, int *alert, void *arg)
{
	struct lws_tls *tls = arg;
	const char *host = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);

	(void)alert;
	if (!host)
		return SSL_TLSEXT_ERR_NOACK;
	lws_plat_lock(tls->lock);
	move_to(ssl, tls->server, host);
	lws_plat_unlock(tls->lock);
	return SSL_TLSEXT_ERR_OK;
}

/*
 * The application may reject what OpenSSL accepts, but what OpenSSL rejects it
 * accepts only by saying so in the X509_STORE_CTX: not answering is no yes.
 */
static int
verify_client(int ok, X509_STORE_CTX *store)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(
		store, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct lws_tls *tls = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

	if (tls->hooks->verify(tls->context, store, ssl, ok)) {
		if (X509_STORE_CTX_get_error(store) == X509_V_OK)
			X509_STORE_CTX_set_error(
				store, X509_V_ERR_APPLICATION_VERIFICATION);
		return 0;
	}
	return ok || X509_STORE_CTX_get_error(store) == X509_V_OK;
}

/* Demand certificates of clients, if that is wanted. */
static int
demand(struct lws_tls *tls, SSL_CTX *ctx, char why[LWS_TLS_WHY])
{
	STACK_OF(X509_NAME) *names;

	if (!(tls->options &
	      LWS_SERVER_OPTION_REQUIRE_VALID_OPENSSL_CLIENT_CERT))
		return 0;
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER |
				SSL_VERIFY_FAIL_IF_NO_PEER_CERT, verify_client);
	if (tls->ca) {
		names = SSL_load_client_CA_file(tls->ca);
		if (!names ||
		    SSL_CTX_load_verify_file(ctx, tls->ca) != 1) {
			sk_X509_NAME_pop_free(names, X509_NAME_free);
			return lws_tls_failed(why, LWS_ERR_NOENT,
					      "cannot use the authorities in "
					      "%s: %s", tls->ca,
					      lws_tls_reason());
		}
		SSL_CTX_set_client_CA_list(ctx, names);
	}
	tls->hooks->load_certs(tls->context, ctx, true);
	return 0;
}

static int
prepare(struct lws_tls *tls, SSL_CTX *ctx,
	const struct lws_tls_certificate *cert, char why[LWS_TLS_WHY])
{
	static const unsigned char id[] = "libwebsockets";
	int rc = lws_tls_basics(tls, ctx, why);

	if (rc < 0)
		return rc;
	SSL_CTX_set_dh_auto(ctx, 1);
	SSL_CTX_set_num_tickets(ctx, 1);
	SSL_CTX_sess_set_cache_size(ctx, KEPT_SESSIONS);
	SSL_CTX_set_session_id_context(ctx, id, sizeof(id) - 1);
	SSL_CTX_set_alpn_select_cb(ctx, choose_protocol, NULL);
	SSL_CTX_set_tlsext_servername_callback(ctx, choose_certificate);
	SSL_CTX_set_tlsext_servername_arg(ctx, tls);
	if (tls->options & LWS_SERVER_OPTION_KTLS)
		SSL_CTX_set_options(ctx, SSL_OP_ENABLE_KTLS);
	rc = demand(tls, ctx, why);
	return rc < 0 ? rc : lws_tls_load(tls, ctx, cert, why);
}

struct lws_tls_server *
lws_tls_server_new(struct lws_tls *tls, char why[LWS_TLS_WHY])
{
	struct lws_tls_server *server = lws_zalloc(
		sizeof(*server) + tls->count * sizeof(server->list[0]));
	size_t n;

	if (!server) {
		lws_tls_failed(why, LWS_ERR_NOMEM, "out of memory");
		return NULL;
	}
	for (n = 0; n < tls->count; n++) {
		SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

		server->list[n].ctx = ctx;
		server->list[n].name = tls->certs[n].name;
		server->count = n + 1;
		if (!ctx)
			lws_tls_failed(why, LWS_ERR_NOMEM,
				       "OpenSSL does not start: %s",
				       lws_tls_reason());
		if (!ctx || prepare(tls, ctx, &tls->certs[n], why) < 0) {
			lws_tls_server_free(server);
			return NULL;
		}
	}
	return server;
}

void
lws_tls_server_free(struct lws_tls_server *server)
{
	size_t n;

	if (!server)
		return;
	for (n = 0; n < server->count; n++)
		SSL_CTX_free(server->list[n].ctx);
	lws_free(server);
}

int
lws_tls_accept(struct lws_tls *tls, struct lws_stream *stream)
{
	int rc;

	/* the session holds on to what it begins with */
	lws_plat_lock(tls->lock);
	rc = lws_tls_attach(tls, tls->server->list[0].ctx, stream);
	lws_plat_unlock(tls->lock);
	if (rc >= 0)
		SSL_set_accept_state(stream->tls);
	return rc;
}
