/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * flow/zip.c - what strangers compress with: zlib, used by itself.
 */
#include "flow/zip.h"

#define MIB (1024 * 1024)

static const uint8_t tail[] = { 0x00, 0x00, 0xff, 0xff };

void
flow_zip_begin(struct flow_zip *z, int out_bits, int in_bits)
{
	memset(z, 0, sizeof(*z));
	assert_int_equal(deflateInit2(&z->out, 6, Z_DEFLATED, -out_bits, 8,
				      Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(inflateInit2(&z->in, -in_bits), Z_OK);
}

void
flow_zip_end(struct flow_zip *z)
{
	deflateEnd(&z->out);
	inflateEnd(&z->in);
}

static void
deflate_flushed(z_stream *out, const void *data, size_t len, int flush,
		struct flow_bytes *to)
{
	uint8_t buf[4096];

	out->next_in = (Bytef *)(uintptr_t)data;
	out->avail_in = (uInt)len;
	do {
		out->next_out = buf;
		out->avail_out = sizeof(buf);
		deflate(out, flush);
		flow_add(to, buf, sizeof(buf) - out->avail_out);
	} while (!out->avail_out);
	assert_int_equal(out->avail_in, 0);
}

void
flow_deflate_bytes(struct flow_zip *z, const void *data, size_t len,
		   struct flow_bytes *to)
{
	deflate_flushed(&z->out, data, len, Z_SYNC_FLUSH, to);
}

void
flow_deflate(struct flow_zip *z, const void *data, size_t len,
	     struct flow_bytes *to)
{
	flow_deflate_bytes(z, data, len, to);
	assert_true(to->len >= sizeof(tail));
	assert_memory_equal(to->p + to->len - sizeof(tail), tail,
			    sizeof(tail));
	to->len -= sizeof(tail);
}

/* With room for a byte at a time, zlib has nothing but its window. */
static bool
inflate_some(z_stream *in, const void *data, size_t len, struct flow_bytes *to)
{
	uint8_t byte;
	int rc;

	in->next_in = (Bytef *)(uintptr_t)data;
	in->avail_in = (uInt)len;
	do {
		in->next_out = &byte;
		in->avail_out = 1;
		rc = inflate(in, Z_SYNC_FLUSH);
		if (!in->avail_out)
			flow_add(to, &byte, 1);
	} while (rc == Z_OK && (in->avail_in || !in->avail_out));
	return rc == Z_OK || rc == Z_BUF_ERROR;
}

bool
flow_inflate(struct flow_zip *z, const void *data, size_t len,
	     struct flow_bytes *to)
{
	return inflate_some(&z->in, data, len, to) &&
	       inflate_some(&z->in, tail, sizeof(tail), to);
}

/* A full flush forgets all, so that what follows can be the same again. */
void
flow_bomb(struct flow_bytes *to, unsigned mib)
{
	struct flow_bytes one = { NULL, 0, 0 };
	uint8_t *zeros = calloc(1, MIB);
	struct flow_zip z;

	assert_non_null(zeros);
	flow_zip_begin(&z, 15, 15);
	deflateParams(&z.out, 9, Z_DEFAULT_STRATEGY);
	deflate_flushed(&z.out, zeros, MIB, Z_FULL_FLUSH, &one);
	while (mib--)
		flow_add(to, one.p, one.len);
	flow_zip_end(&z);
	flow_free(&one);
	free(zeros);
}

bool
flow_is_slow(void)
{
	const char *preloaded = getenv("LD_PRELOAD");

	if (getenv("FLOW_SLOW"))
		return true;
	return preloaded && strstr(preloaded, "vgpreload");
}
