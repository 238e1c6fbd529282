//! init_doctor
