/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * stage/client-connecting.c - from a name to a TCP connection.
 *
 * The name is looked up beside the loop, then the addresses are tried as RFC
 * 8305 section 5 has it: the next one as soon as one fails, or when a quarter
 * of a second has passed; the first that is connected wins.  One attempt is
 * made on the connection's own socket, the others are in client-race.c.
 *
 * The number of that socket stays: programs of the first eras use it at once,
 * and poll loops know it.  Who fails leaves it to the next, who wins takes it
 * over.
 */
#include "stage/client.h"

#include <poll.h>

#include "base/alloc.h"
#include "core/context.h"
#include "core/user.h"
#include "core/watch.h"
#include "net/net.h"

static void
wake(void *loop)
{
	lws_mailbox_post(loop, LWS_MAIL_LOOKUPS);
}

/* ---- trying addresses ---- */

/* The connection's own socket is the next attempt. */
static int
try_own(struct lws_dial *d, int fd, size_t which)
{
	struct libwebsocket *wsi = d->wsi;
	int rc;

	d->trying = true;
	d->which = which;
	wsi->flags |= LWS_WSI_CONNECTING;
	rc = lws_watch_reopen(wsi, fd);
	if (rc >= 0)
		return 0;
	d->trying = false;
	return lws_client_failed(wsi, rc, "cannot watch the socket: %s",
				 lws_err_name(rc));
}

/* Try one more address; LWS_ERR_NOENT when there is none. */
static int
try_next(struct lws_dial *d)
{
	const struct libwebsocket_context *context = lws_context_of(d->wsi);
	struct lws_client_request *r = d->wsi->u.client.request;
	size_t which;
	int fd, rc;

	fd = lws_connect_next(d->addrs, context->iface, &which, r->why,
			      sizeof(r->why));
	if (fd < 0)
		return fd;
	lws_wsi_tune_socket(context, fd);
	rc = d->trying ? lws_race_enter(d, fd, which) : try_own(d, fd, which);
	if (lws_connect_more(d->addrs))
		lws_alarm_set(d->wsi->loop, &d->alarm, LWS_RACE_DELAY);
	return rc;
}

int
lws_dial_go_on(struct lws_dial *d, int rc)
{
	int next;

	if (d->winner)
		return 0;
	next = try_next(d);
	if (next >= 0 || d->trying || !lws_list_empty(&d->attempts))
		return 0;
	return next == LWS_ERR_NOENT ? rc : next;
}

/* What comes behind TCP. */
static int
connected(struct libwebsocket *wsi)
{
	wsi->flags &= ~(uint32_t)LWS_WSI_CONNECTING;
	/* what other addresses said explains no failure to come */
	wsi->u.client.request->why[0] = '\0';
	lws_dial_end(wsi);
	return lws_client_through(wsi);
}

/* The winner's socket becomes the connection's. */
static int
adopt(struct lws_dial *d)
{
	struct libwebsocket *wsi = d->wsi;
	const int fd = d->winner->stream.fd;
	int rc;

	d->winner->stream.fd = -1;
	wsi->flags &= ~(uint32_t)LWS_WSI_CONNECTING;
	rc = lws_watch_reopen(wsi, fd);
	if (rc < 0)
		return lws_client_failed(wsi, rc, "cannot watch the socket: %s",
					 lws_err_name(rc));
	return connected(wsi);
}

/* Somebody has won, or it is time for one more. */
static void
ring(struct lws_alarm *alarm)
{
	struct lws_dial *d = lws_container_of(alarm, struct lws_dial, alarm);
	struct libwebsocket *wsi = d->wsi;
	int rc = d->winner ? adopt(d) : lws_dial_go_on(d, 0);

	if (rc < 0)
		lws_wsi_doom(wsi, rc);
}

/* ---- beginning ---- */

/* The addresses are there. */
static int
dial(struct lws_dial *d)
{
	libwebsocket_set_timeout(d->wsi,
				 PENDING_TIMEOUT_AWAITING_CONNECT_RESPONSE,
				 AWAITING_TIMEOUT);
	return lws_dial_go_on(d, LWS_ERR_NOENT);
}

static void
looked_up(void *owner, struct lws_addrs *addrs, const char *why)
{
	struct lws_dial *d = owner;
	struct libwebsocket *wsi = d->wsi;
	int rc;

	d->lookup = NULL;
	d->addrs = addrs;
	rc = addrs ? dial(d) : lws_client_failed(wsi, LWS_ERR_NOENT, "%s", why);
	if (rc < 0)
		lws_wsi_doom(wsi, rc);
}

/* Have it looked up beside the loop; false when that cannot be done. */
static bool
look_up(struct lws_dial *d, const char *name, int port)
{
	struct lws_loop *loop = d->wsi->loop;
	const struct lws_lookup_spec spec = {
		.host = name,
		.port = port,
		.ipv6 = loop->context->ipv6,
		.done = looked_up,
		.owner = d,
	};

	if (!loop->lookups)
		loop->lookups = lws_lookups_new(wake, loop);
	if (loop->lookups)
		d->lookup = lws_lookup_start(loop->lookups, &spec);
	if (d->lookup)
		libwebsocket_set_timeout(
			d->wsi, PENDING_TIMEOUT_AWAITING_CONNECT_RESPONSE,
			AWAITING_TIMEOUT);
	return d->lookup != NULL;
}

static struct lws_dial *
new_dial(struct libwebsocket *wsi)
{
	struct lws_dial *d = lws_zalloc(sizeof(*d));

	if (!d)
		return NULL;
	lws_alarm_init(&d->alarm, ring);
	lws_list_init(&d->attempts);
	d->wsi = wsi;
	wsi->u.client.dial = d;
	return d;
}

int
lws_connecting_begin(struct libwebsocket *wsi)
{
	const struct libwebsocket_context *context = lws_context_of(wsi);
	struct lws_client_request *r = wsi->u.client.request;
	const char *host = r->proxy_host ? r->proxy_host : r->address;
	const int port = r->proxy_host ? r->proxy_port : r->port;
	struct lws_dial *d = new_dial(wsi);
	char name[LWS_HOST_LEN];
	int rc;

	if (!d)
		return lws_client_failed(wsi, LWS_ERR_NOMEM, "out of memory");
	rc = lws_addrs_check(host, port, name, r->why, sizeof(r->why));
	if (rc < 0)
		return rc;
	if (!context->notice->resolve_first && !lws_addrs_is_literal(name) &&
	    look_up(d, name, port))
		return 0;
	d->addrs = lws_addrs_resolve(name, port, context->ipv6, r->why,
				     sizeof(r->why));
	return d->addrs ? dial(d) : LWS_ERR_NOENT;
}

void
lws_dial_end(struct libwebsocket *wsi)
{
	struct lws_dial *d = wsi->u.client.dial;

	if (!d)
		return;
	wsi->u.client.dial = NULL;
	lws_alarm_stop(wsi->loop, &d->alarm);
	lws_race_end(d);
	if (d->lookup)
		lws_lookup_forget(d->lookup);
	lws_addrs_free(d->addrs);
	lws_free(d);
}

/* ---- the stage ---- */

static int
connecting_ready(struct libwebsocket *wsi, short revents)
{
	struct lws_dial *d = wsi->u.client.dial;
	struct lws_client_request *r = wsi->u.client.request;
	int rc;

	if (!(revents & (POLLOUT | POLLERR | POLLHUP)))
		return 0;
	rc = lws_connect_finish(d->addrs, d->which, wsi->stream.fd, r->why,
				sizeof(r->why));
	if (rc >= 0)
		return connected(wsi);
	lwsl_info("%s\n", r->why);
	/* closed when another takes its number */
	lws_watch_close(wsi);
	d->trying = false;
	return lws_dial_go_on(d, rc);
}

static int
connecting_expired(struct libwebsocket *wsi, unsigned reason)
{
	const struct lws_client_request *r = wsi->u.client.request;
	const struct lws_dial *d = wsi->u.client.dial;
	char target[128];

	(void)reason;
	if (r->taken)
		return lws_client_failed(wsi, LWS_ERR_TIMEOUT,
					 "taken over by an extension, which "
					 "did not connect");
	if (!d->addrs)
		return lws_client_failed(
			wsi, LWS_ERR_TIMEOUT,
			"no address for \"%s\" found within %d seconds",
			r->proxy_host ? r->proxy_host : r->address,
			AWAITING_TIMEOUT);
	lws_connect_target(d->addrs, d->which, target, sizeof(target));
	return lws_client_failed(wsi, LWS_ERR_TIMEOUT,
				 "no connection to %s within %d seconds",
				 target, AWAITING_TIMEOUT);
}

void
lws_client_over(struct libwebsocket *wsi, int rc)
{
	struct lws_client_request *r = wsi->u.client.request;

	if (wsi->loop->destroying)
		lws_client_failed(wsi, rc, "the context is being destroyed");
	else if (!r->why[0] && wsi->stream.tls && rc == LWS_ERR_PROTOCOL)
		lws_client_tls_failed(wsi, rc);
	else if (!r->why[0])
		lws_client_failed(wsi, rc, "connection to %s:%d failed: %s",
				  r->address, r->port, lws_err_name(rc));
	if (!r->told)
		lwsl_info("client: %s\n", r->why);
	lws_user(wsi, LWS_CALLBACK_CLIENT_CONNECTION_ERROR, r->why,
		 strlen(r->why));
	lws_stay_over(wsi, r->failed ? r->failed : rc, r->why);
}

void
lws_client_leave(struct libwebsocket *wsi)
{
	lws_dial_end(wsi);
	lws_free(wsi->u.client.request);
	wsi->u.client.request = NULL;
}

const struct lws_stage_ops lws_stage_connecting = {
	.ready = connecting_ready,
	.expired = connecting_expired,
	.over = lws_client_over,
	.leave = lws_client_leave,
};
