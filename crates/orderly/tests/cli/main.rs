//! Whole jobs through the real binary, against the embedded servers over real HTTP.

mod world;
