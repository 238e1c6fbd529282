//! Linear on the wire: the GraphQL texts that are sent ([`documents`], with their price in [`complexity`]), the data
//! that fills their variables ([`filters`], [`inputs`]), and what comes back ([`reply`], [`nodes`], [`errors`]).

pub mod complexity;
pub mod documents;
pub mod errors;
pub mod filters;
pub mod inputs;
pub mod nodes;
pub mod reply;
