/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * context.c - the library instance: where the rooms are composed.
 *
 * Creation goes in steps, each of which undoes the earlier ones when it fails
 * and leaves one line that names cause and cure.
 */
#include "core/context.h"

#include <poll.h>

#include "base/alloc.h"
#include "base/compiler.h"
#include "core/host.h"
#include "core/loops.h"
#include "core/user.h"
#include "core/wsi.h"
#include "stage/client.h"
#include "stage/fork.h"
#include "stage/stages.h"
#include "tls/tls.h"

LWS_VISIBLE const char *
lws_get_library_version(void)
{
	return PACKAGE_VERSION " " LWS_BUILD_HASH;
}

static void
log_limits(void)
{
#define SHOW(name)                                                             \
	{                                                                      \
#name, (long)(name)                                            \
	}
	static const struct {
		const char *name;
		long value;
	} limits[] = {
		SHOW(LWS_MAX_HEADER_NAME_LENGTH),
		SHOW(LWS_MAX_HEADER_LEN),
		SHOW(LWS_INITIAL_HDR_ALLOC),
		SHOW(LWS_ADDITIONAL_HDR_ALLOC),
		SHOW(MAX_USER_RX_BUFFER),
		SHOW(MAX_BROADCAST_PAYLOAD),
		SHOW(LWS_MAX_PROTOCOLS),
		SHOW(LWS_MAX_EXTENSIONS_ACTIVE),
		SHOW(LWS_MAX_ZLIB_CONN_BUFFER),
		SHOW(SPEC_LATEST_SUPPORTED),
		SHOW(LWS_DRAFT04_COMPAT_MASK),
		SHOW(AWAITING_TIMEOUT),
		SHOW(LWS_SOMAXCONN),
		SHOW(LWS_TX_LIMIT),
		SHOW(LWS_TX_HIGH),
		SHOW(LWS_TX_POOL),
		SHOW(LWS_RX_BUFFER),
	};
#undef SHOW
	size_t n;

	for (n = 0; n < sizeof(limits) / sizeof(limits[0]); n++)
		lwsl_info(" %s: %ld\n", limits[n].name, limits[n].value);
	lwsl_info(" CIPHERS_LIST_STRING: %s\n", CIPHERS_LIST_STRING);
	lwsl_info(" SYSTEM_RANDOM_FILEPATH: %s\n", SYSTEM_RANDOM_FILEPATH);
}

static int
take_protocols(struct libwebsocket_context *context,
	       struct libwebsocket_protocols *protocols)
{
	unsigned n = 0;

	while (protocols && protocols[n].callback)
		n++;
	if (!n) {
		lwsl_err("the protocols array has no entry\n");
		return -1;
	}
	if (n > LWS_MAX_PROTOCOLS) {
		lwsl_err("%u protocols, but LWS_MAX_PROTOCOLS is %d: rebuild "
			 "with more\n",
			 n, LWS_MAX_PROTOCOLS);
		return -1;
	}
	context->protocols = protocols;
	context->count_protocols = n;
	while (n--) {
		protocols[n].owning_server = context;
		protocols[n].protocol_index = (int)n;
	}
	return 0;
}

static bool
wants_listener(const struct lws_context_creation_info *info, int era)
{
	return info->listen_fd > 0 || info->port > 0 ||
	       (info->port == 0 && era >= 130);
}

static int
take_settings(struct libwebsocket_context *context,
	      const struct lws_context_creation_info *info, int era)
{
	context->listens = wants_listener(info, era);
	context->options = info->options;
	context->user = info->user;
	context->token_limits = info->token_limits;
	context->ping_interval_ms = info->ping_interval_ms;
	context->pong_timeout_ms = info->pong_timeout_ms;
	context->ka_time = info->ka_time;
	context->ka_probes = info->ka_probes;
	context->ka_interval = info->ka_interval;
	context->tx_limit = info->tx_limit ? info->tx_limit : LWS_TX_LIMIT;
	context->ipv6 = lws_plat_has_ipv6() &&
			!(info->options & LWS_SERVER_OPTION_DISABLE_IPV6);
	if (LWS_BUILT_CLIENT && info->iface) {
		context->iface = lws_strdup(info->iface);
		if (!context->iface)
			return -1;
	}
	lws_proxy_settings(context, info);
	if (info->options & LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME)
		memcpy(context->hostname, "unknown", sizeof("unknown"));
	else
		lws_plat_hostname(context->hostname, sizeof(context->hostname));
	return 0;
}

static int
take_threads(struct libwebsocket_context *context,
	     const struct lws_context_creation_info *info,
	     const struct lws_event_ops *backend)
{
	const char *why;

	context->count_loops = info->count_threads ? info->count_threads : 1;
	if (context->count_loops == 1)
		return 0;
	if (!lws_plat_has_threads())
		why = "but this build has no threads: it was configured "
		      "--without-threads";
	else if (backend == &lws_event_external)
		why = "but an external loop is one: leave event_backend out, "
		      "or have one thread";
	else if (context->count_loops > LWS_LOOPS_MAX)
		why = "more than there can be";
	else
		return 0;
	lwsl_err("count_threads is %u, %s (most: %u)\n", info->count_threads,
		 why, LWS_LOOPS_MAX);
	return -1;
}

static int
open_system(struct libwebsocket_context *context,
	    const struct lws_context_creation_info *info)
{
	const struct lws_host_ops *host;
	const struct lws_event_ops *backend = lws_host_choose(info, &host);
	unsigned max = lws_plat_max_fds();

	if (!backend || take_threads(context, info, backend) < 0)
		return -1;
	context->random_fd = lws_plat_random_open();
	if (context->random_fd < 0) {
		lwsl_err("cannot open %s: no random numbers\n",
			 SYSTEM_RANDOM_FILEPATH);
		return -1;
	}
	if (lws_loops_open(context, backend, max) < 0)
		return -1;
	if (host && lws_host_open(context->loops, host, info->foreign_loop) < 0)
		return -1;
	lwsl_info(" event backend: %s%s%s, %u descriptors\n", backend->name,
		  host ? " within " : "", host ? host->name : "", max);
	return 0;
}

/* End everybody in @list, which is a list of peers. */
static void
end_all(struct lws_list *list, bool silently)
{
	while (!lws_list_empty(list)) {
		struct libwebsocket *wsi = lws_container_of(
			list->next, struct libwebsocket, peers);

		if (silently)
			lws_wsi_bury_later(wsi);
		else
			lws_wsi_doom(wsi, LWS_ERR_CLOSED);
	}
}

static void
end_loop(struct lws_loop *loop)
{
	unsigned n;

	loop->in_turn = true;
	end_all(&loop->listeners, true);
	for (n = 0; n < loop->context->count_protocols; n++)
		end_all(&loop->members[n], false);
	end_all(&loop->lingering, true);
	lws_stay_forget_all(loop);
	lws_wsi_bury_all(loop);
	loop->in_turn = false;
}

static void
end_connections(struct libwebsocket_context *context)
{
	unsigned n;

	lws_loops_give(context, lws_plat_me());
	lws_alarm_stop(context->loops, &context->vigil);
	for (n = 0; n < context->count_loops; n++)
		context->loops[n].destroying = true;
	for (n = 0; n < context->count_loops; n++)
		end_loop(&context->loops[n]);
}

static void
announce_protocols(struct libwebsocket_context *context,
		   enum libwebsocket_callback_reasons reason)
{
	unsigned n;

	for (n = 0; n < context->count_protocols; n++)
		context->protocols[n].callback(context, NULL, reason, NULL,
					       NULL, 0);
}

/* ---- what TLS asks the application ---- */

static int
ask_first(struct libwebsocket_context *context,
	  enum libwebsocket_callback_reasons reason, void *ssl_ctx)
{
	return context->protocols[0].callback(context, NULL, reason, ssl_ctx,
					      NULL, 0);
}

static void
load_certs(struct libwebsocket_context *context, void *ssl_ctx, bool server)
{
	ask_first(context,
		  server ? LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS
			 : LWS_CALLBACK_OPENSSL_LOAD_EXTRA_CLIENT_VERIFY_CERTS,
		  ssl_ctx);
}

static int
need_key(struct libwebsocket_context *context, void *ssl_ctx)
{
	return ask_first(context,
			 LWS_CALLBACK_OPENSSL_CONTEXT_REQUIRES_PRIVATE_KEY,
			 ssl_ctx);
}

/* Applications have always been given no context here. */
static int
verify(struct libwebsocket_context *context, void *store_ctx, void *ssl,
       int preverify_ok)
{
	return context->protocols[0].callback(
		NULL, NULL,
		LWS_CALLBACK_OPENSSL_PERFORM_CLIENT_CERT_VERIFICATION,
		store_ctx, ssl, (size_t)preverify_ok);
}

static const struct lws_tls_hooks tls_hooks = {
	.load_certs = load_certs,
	.need_key = need_key,
	.verify = verify,
};

static int
open_tls(struct libwebsocket_context *context,
	 const struct lws_context_creation_info *info)
{
	const struct lws_tls_setup setup = {
		.context = context,
		.info = info,
		.hooks = LWS_BUILT_TLS ? &tls_hooks : NULL,
		.listens = context->listens,
	};
	char why[LWS_TLS_WHY];
	int rc = lws_tls_open(&setup, &context->tls, why);

	if (rc < 0)
		lwsl_err("TLS: %s\n", why);
	return rc;
}

LWS_VISIBLE const char *
lws_tls_reload(struct libwebsocket_context *context, const char *cert,
	       const char *key)
{
	char *why = context->tls_why;

	if (lws_tls_replace(context->tls, cert, key, why) < 0)
		return why;
	return NULL;
}

static void
withdraw_wakes(struct libwebsocket_context *context, unsigned count)
{
	while (count--) {
		int fd = context->loops[count].mailbox.wake.read_fd;

		lws_notice_del(context, NULL, fd);
	}
}

/* The application's poll loop hears of our wake-up like of any descriptor. */
static int
announce_wakes(struct libwebsocket_context *context)
{
	unsigned n;

	for (n = 0; n < context->count_loops; n++) {
		int fd = context->loops[n].mailbox.wake.read_fd;

		if (!lws_notice_add(context, NULL, fd, POLLIN))
			continue;
		lwsl_err("the application refused our wake-up descriptor\n");
		withdraw_wakes(context, n);
		return -1;
	}
	return 0;
}

/*
 * A daemon may fork workers that serve its context.  They are not to go on
 * without it, so they look once a second.
 */
static void
keep_vigil(struct lws_alarm *alarm)
{
	struct libwebsocket_context *context = lws_container_of(
		alarm, struct libwebsocket_context, vigil);

	lws_plat_end_orphan();
	lws_alarm_set(context->loops, alarm, 1000);
}

static int
start(struct libwebsocket_context *context,
      struct lws_context_creation_info *info)
{
	lwsl_notice(" IPv6 %s\n", context->ipv6 ? "on" : "off");
	if (open_tls(context, info) < 0)
		return -1;
	if (announce_wakes(context) < 0)
		return -1;
	if (context->listens && lws_server_open(context, info) < 0)
		goto fail;
	if (lws_plat_drop_privileges(info->uid, info->gid) < 0) {
		lwsl_err("cannot become uid %d, gid %d: not permitted\n",
			 info->uid, info->gid);
		goto fail;
	}
	if (lws_extended_open(context, info) < 0)
		goto fail;
	announce_protocols(context, LWS_CALLBACK_PROTOCOL_INIT);
	if (!LWS_BUILT_EXTENSIONS || lws_extended_announce(context) >= 0) {
		if (lws_plat_is_daemon())
			keep_vigil(&context->vigil);
		lws_loops_give(context, NULL);
		return 0;
	}
	end_connections(context);
	lws_extended_withdraw(context);
	announce_protocols(context, LWS_CALLBACK_PROTOCOL_DESTROY);
fail:
	end_connections(context);
	lws_extended_close(context);
	withdraw_wakes(context, context->count_loops);
	return -1;
}

/* Also one that is not complete. */
static void
free_context(struct libwebsocket_context *context)
{
	if (context->loops)
		lws_loops_close(context);
	lws_plat_random_close(context->random_fd);
	lws_tls_close(context->tls);
	lws_proxy_settings_free(context);
	lws_free(context->iface);
	lws_free(context);
	lws_plat_stop();
}

LWS_VISIBLE struct libwebsocket_context *
lws_create_context_era(struct lws_context_creation_info *info, int era)
{
	struct libwebsocket_context *context;

	lwsl_notice("libwebsockets %s\n", lws_get_library_version());
	log_limits();
	lws_plat_ignore_sigpipe();
	context = lws_zalloc(sizeof(*context));
	if (!context) {
		lwsl_err("out of memory: no context\n");
		return NULL;
	}
	if (lws_plat_start() < 0) {
		lwsl_err("the system gives us no sockets\n");
		lws_free(context);
		return NULL;
	}
	context->notice = lws_notice_for(era);
	context->drain = lws_drain_loop;
	context->random_fd = -1;
	lws_alarm_init(&context->vigil, keep_vigil);
	if (take_protocols(context, info->protocols) < 0 ||
	    take_settings(context, info, era) < 0 ||
	    open_system(context, info) < 0 || start(context, info) < 0) {
		free_context(context);
		return NULL;
	}
	return context;
}

/* in parentheses: it is a macro too, which counts its arguments */
LWS_VISIBLE struct libwebsocket_context *(
	libwebsocket_create_context)(struct lws_context_creation_info *info)
{
	return lws_create_context_era(info, 140);
}

LWS_VISIBLE void
libwebsocket_context_destroy(struct libwebsocket_context *context)
{
	if (!context)
		return;
	end_connections(context);
	lws_fork_close(context);
	withdraw_wakes(context, context->count_loops);
	lws_extended_withdraw(context);
	announce_protocols(context, LWS_CALLBACK_PROTOCOL_DESTROY);
	lws_extended_close(context);
	free_context(context);
}

LWS_VISIBLE void *
libwebsocket_context_user(struct libwebsocket_context *context)
{
	return context->user;
}

LWS_VISIBLE const char *
libwebsocket_canonical_hostname(struct libwebsocket_context *context)
{
	return context->hostname;
}

LWS_VISIBLE int
libwebsockets_get_random(struct libwebsocket_context *context, void *buf,
			 int len)
{
	if (len < 0 ||
	    lws_plat_random(context->random_fd, buf, (size_t)len) < 0)
		return -1;
	return len;
}

LWS_VISIBLE int
lws_is_ssl(struct libwebsocket *wsi)
{
	return lws_tls_kind(&wsi->stream);
}

LWS_VISIBLE size_t
lws_get_peer_write_allowance(struct libwebsocket *wsi)
{
	(void)wsi;
	return (size_t)-1;
}

LWS_VISIBLE void *
libwebsocket_ensure_user_space(struct libwebsocket *wsi)
{
	lws_wsi_make_space(wsi);
	return wsi->user_space;
}
