mod crashed;
mod frames;
mod functions;
mod hostile;
