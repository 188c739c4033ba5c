/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * echo-client.c - the client side of test-echo: says hello now and then.
 *
 * One connection, opened again whenever it is gone.  Messages are sent at the
 * pace of a ticker: a writeable callback may come without having been asked
 * for, so it sends only what the ticker has made due.
 */
#include "echo.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common.h"

static struct {
	const struct echo_client *settings;
	struct libwebsocket *wsi;	/* NULL while there is none */
	bool established;
	bool due;			/* a message may be sent */
	unsigned int index;		/* messages sent so far */
} client;

static int
say_hello(struct libwebsocket *wsi)
{
	char text[128];
	int len;

	len = snprintf(text, sizeof(text), "hello from libwebsockets-test-echo "
		       "client pid %d index %u\n", (int)getpid(),
		       client.index++);
	lwsl_notice("Client TX: %s", text);
	if (libwebsocket_write(wsi, (unsigned char *)text, (size_t)len,
			       LWS_WRITE_TEXT) < len) {
		lwsl_err("writing to the server failed\n");
		return -1;
	}
	client.due = false;
	return 0;
}

static int
writeable(struct libwebsocket_context *context, struct libwebsocket *wsi)
{
	if (client.settings->versa)
		return echo_callback(context, wsi,
				     LWS_CALLBACK_SERVER_WRITEABLE, NULL,
				     NULL, 0);
	return client.due ? say_hello(wsi) : 0;
}

static int
receive(struct libwebsocket_context *context, struct libwebsocket *wsi,
	void *user, void *in, size_t len)
{
	if (client.settings->versa)
		return echo_callback(context, wsi, LWS_CALLBACK_RECEIVE,
				     user, in, len);
	lwsl_notice("Client RX: %s\n", printable(in));
	return 0;
}

int
echo_client_callback(struct libwebsocket_context *context,
		     struct libwebsocket *wsi,
		     enum libwebsocket_callback_reasons reason, void *user,
		     void *in, size_t len)
{
	switch ((int)reason) {
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		lwsl_notice("Client has connected\n");
		client.established = true;
		break;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		lwsl_notice("Client could not connect: trying again\n");
		client.wsi = NULL;
		break;
	case LWS_CALLBACK_CLOSED:
		lwsl_notice("Client connection was closed\n");
		client.wsi = NULL;
		client.established = false;
		break;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		return receive(context, wsi, user, in, len);
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return writeable(context, wsi);
	default:
		break;
	}
	return 0;
}

/* The Host header wants the port unless it is the usual one. */
static void
make_host(const struct echo_client *settings, char *host, size_t room)
{
	bool ipv6 = strchr(settings->address, ':') != NULL;
	int usual = settings->ssl_connection ? 443 : 80;
	int len;

	len = snprintf(host, room, "%s%s%s", ipv6 ? "[" : "",
		       settings->address, ipv6 ? "]" : "");
	if (settings->port != usual && len > 0 && (size_t)len < room)
		snprintf(host + len, room - (size_t)len, ":%d",
			 settings->port);
}

static void
open_connection(struct libwebsocket_context *context)
{
	const struct echo_client *settings = client.settings;
	char host[300];

	make_host(settings, host, sizeof(host));
	client.wsi = libwebsocket_client_connect(
		context, settings->address, settings->port,
		settings->ssl_connection, settings->uri, host, host, NULL, -1);
}

int
echo_client_run(struct libwebsocket_context *context,
		const struct echo_client *settings)
{
	struct ticker ticker;
	int n = 0;

	client.settings = settings;
	lwsl_notice("Client connecting to %s:%d%s\n", settings->address,
		    settings->port, settings->uri);
	open_connection(context);
	if (!client.wsi) {
		lwsl_err("Client failed to connect to %s:%d\n",
			 settings->address, settings->port);
		return 1;
	}
	ticker_start(&ticker, settings->period_ms);
	while (n >= 0 && !stopping()) {
		if (ticker_due(&ticker)) {
			if (!client.wsi)
				open_connection(context);
			client.due = true;
			if (client.wsi && client.established &&
			    !settings->versa)
				libwebsocket_callback_on_writable(context,
								  client.wsi);
		}
		n = libwebsocket_service(context, ticker_left(&ticker));
	}
	say_goodbye(context);
	return n < 0 ? 1 : 0;
}
