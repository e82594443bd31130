/* SPDX-License-Identifier: MIT */
#ifndef SVM_H
#define SVM_H

#include "hv.h"

#endif
