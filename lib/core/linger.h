/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * core/linger.h - what remains of a connection whose user has been told that
 * it is over.
 *
 * Its last output is flushed as long as the peer takes it; then, where it was
 * asked for, the peer is told that no more will come and given a second to
 * finish, its input thrown away.  Closing with unread input would make the
 * system answer with a reset, and the peer might never see the last bytes.
 */
#ifndef LWS_CORE_LINGER_H
#define LWS_CORE_LINGER_H

struct libwebsocket;

/* Let it linger, or bury it when there is nothing to wait for. */
void lws_linger(struct libwebsocket *wsi);

#endif
