/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * base/err.h - the one set of results that functions inside the library give.
 */
#ifndef LWS_BASE_ERR_H
#define LWS_BASE_ERR_H

/* 0 is success; positive results mean "something is there for you" */
enum lws_err {
	LWS_ERR_AGAIN = -1,	/* not now: wait for readiness */
	LWS_ERR_CLOSED = -2,	/* the peer has finished */
	LWS_ERR_IO = -3,	/* the system refused; errno says why */
	LWS_ERR_NOMEM = -4,	/* out of memory: this connection ends */
	LWS_ERR_NOFD = -5,	/* out of descriptors */
	LWS_ERR_LIMIT = -6,	/* larger than a limit allows (Close 1009) */
	LWS_ERR_PROTOCOL = -7,	/* against the protocol (Close 1002) */
	LWS_ERR_TEXT = -8,	/* text that is not UTF-8 (Close 1007) */
	LWS_ERR_USER = -9,	/* the application said no */
	LWS_ERR_TIMEOUT = -10,	/* too late */
	LWS_ERR_NOENT = -11,	/* no such file, interface or name */
	LWS_ERR_ACCESS = -12,	/* not permitted */
	LWS_ERR_UNSUPPORTED = -13	/* not in this build or system */
};

/* a short English name, never NULL, for log lines */
const char *lws_err_name(int rc);

#endif
