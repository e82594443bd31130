/* SPDX-License-Identifier: MIT */
#ifndef VMX_H
#define VMX_H

#include "hv.h"

#endif
