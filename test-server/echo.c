/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * echo.c - returns every message in kind, chunk by chunk, as it arrives.
 *
 * Nothing is kept: a chunk is handed back to the library from the very place
 * where it was delivered.  A frame delivered whole goes back as one frame; one
 * delivered in several chunks as a fragment for each.  When the peer does not
 * take what it gets we stop reading from it until it does, so that neither
 * side has to store more than a socket and one chunk hold.
 */
#include "echo.h"

/* what few messages need stays out of the way of the others */
#define SELDOM __attribute__((noinline, cold))

/* Whoever asks for a page is told that there is none. */
static SELDOM int
refuse_page(struct libwebsocket_context *context, struct libwebsocket *wsi)
{
#ifdef LWS_NO_SERVER
	(void)context;
	(void)wsi;
	return -1;
#else
	if (libwebsockets_return_http_status(context, wsi,
					     HTTP_STATUS_NOT_FOUND,
					     "This server speaks WebSocket."))
		return -1;
	return lws_http_transaction_completed(wsi) ? -1 : 0;
#endif
}

static SELDOM int
hold(struct libwebsocket_context *context, struct libwebsocket *wsi)
{
	libwebsocket_rx_flow_control(wsi, 0);
	libwebsocket_callback_on_writable(context, wsi);
	return 0;
}

/* One chunk of a frame or message that is returned as several fragments. */
static SELDOM int
return_fragment(struct libwebsocket *wsi, struct echo_session *session,
		void *in, size_t len)
{
	bool last = libwebsocket_is_final_fragment(wsi) &&
		    !libwebsockets_remaining_packet_payload(wsi);
	unsigned int kind = lws_frame_is_binary(wsi) ? LWS_WRITE_BINARY
						     : LWS_WRITE_TEXT;

	if (session->in_message)
		kind = LWS_WRITE_CONTINUATION;
	if (!last)
		kind |= LWS_WRITE_NO_FIN;
	session->in_message = !last;
	return libwebsocket_write(wsi, in, len, kind);
}

/* Most messages are one chunk, and go back as they came. */
static inline int
receive(struct libwebsocket_context *context, struct libwebsocket *wsi,
	struct echo_session *session, void *in, size_t len)
{
	int n;

	if (session->in_message || !libwebsocket_is_final_fragment(wsi) ||
	    libwebsockets_remaining_packet_payload(wsi))
		n = return_fragment(wsi, session, in, len);
	else
		n = libwebsocket_write(wsi, in, len,
				       lws_frame_is_binary(wsi)
					       ? LWS_WRITE_BINARY
					       : LWS_WRITE_TEXT);
	if (n < 0)
		return -1;
	return lws_send_pipe_choked(wsi) ? hold(context, wsi) : 0;
}

static SELDOM int
writeable(struct libwebsocket_context *context, struct libwebsocket *wsi)
{
	if (lws_send_pipe_choked(wsi))
		libwebsocket_callback_on_writable(context, wsi);
	else
		libwebsocket_rx_flow_control(wsi, 1);
	return 0;
}

int
echo_callback(struct libwebsocket_context *context, struct libwebsocket *wsi,
	      enum libwebsocket_callback_reasons reason, void *user, void *in,
	      size_t len)
{
	if (reason == LWS_CALLBACK_RECEIVE)
		return receive(context, wsi, user, in, len);
	if (reason == LWS_CALLBACK_SERVER_WRITEABLE)
		return writeable(context, wsi);
	return reason == LWS_CALLBACK_HTTP ? refuse_page(context, wsi) : 0;
}
