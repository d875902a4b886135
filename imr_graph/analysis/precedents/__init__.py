"""Earlier decisions on requests like one."""
