//! history_undo
