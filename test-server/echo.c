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

static int
hold(struct libwebsocket_context *context, struct libwebsocket *wsi)
{
	libwebsocket_rx_flow_control(wsi, 0);
	libwebsocket_callback_on_writable(context, wsi);
	return 0;
}

int
echo_receive(struct libwebsocket_context *context, struct libwebsocket *wsi,
	     struct echo_session *session, void *in, size_t len)
{
	bool last = libwebsocket_is_final_fragment(wsi) &&
		    !libwebsockets_remaining_packet_payload(wsi);
	unsigned int kind;

	if (session->in_message)
		kind = LWS_WRITE_CONTINUATION;
	else
		kind = lws_frame_is_binary(wsi) ? LWS_WRITE_BINARY :
						  LWS_WRITE_TEXT;
	if (!last)
		kind |= LWS_WRITE_NO_FIN;
	session->in_message = !last;

	if (libwebsocket_write(wsi, in, len, kind) < 0)
		return -1;
	return lws_send_pipe_choked(wsi) ? hold(context, wsi) : 0;
}

int
echo_writeable(struct libwebsocket_context *context, struct libwebsocket *wsi)
{
	if (lws_send_pipe_choked(wsi))
		libwebsocket_callback_on_writable(context, wsi);
	else
		libwebsocket_rx_flow_control(wsi, 1);
	return 0;
}
