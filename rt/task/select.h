#ifndef JANUS_RT_TASK_SELECT_H
#define JANUS_RT_TASK_SELECT_H

#include "internal.h"

void jn_select_unlink(JnTask *t); // takes it out of the lists of all channels it waits for

#endif
