// SPDX-License-Identifier: MIT
#include "trace_out.h"

void trace_request_svg(const struct film *film, FILE *out)
{
}

void trace_interrupt_svg(const struct film *film, FILE *out)
{
}

void trace_memory_svg(const struct film *film, FILE *out)
{
}
