/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * flow/zip.h - what strangers compress with: zlib, used by itself.
 */
#ifndef LWS_FLOW_ZIP_H
#define LWS_FLOW_ZIP_H

#include <zlib.h>

#include "flow/flow.h"

/* one stranger's streams; all zero at first */
struct flow_zip {
	z_stream out, in;
};

/* Windows of 2^@out_bits and 2^@in_bits bytes. */
void flow_zip_begin(struct flow_zip *z, int out_bits, int in_bits);
void flow_zip_end(struct flow_zip *z);

/* Append @data, deflated and flushed, the last four bytes cut. */
void flow_deflate(struct flow_zip *z, const void *data, size_t len,
		  struct flow_bytes *to);

/* The same, not cut. */
void flow_deflate_bytes(struct flow_zip *z, const void *data, size_t len,
			struct flow_bytes *to);

/*
 * Put back what was cut and append what inflates.  False when it does not, or
 * refers to anything outside of the window.
 */
bool flow_inflate(struct flow_zip *z, const void *data, size_t len,
		  struct flow_bytes *to);

/* Append what inflates to @mib times 1 MiB of zeros, not cut. */
void flow_bomb(struct flow_bytes *to, unsigned mib);

/* Does valgrind run this, or what FLOW_SLOW is set for? */
bool flow_is_slow(void);

#endif
