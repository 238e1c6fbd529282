mod frames;
mod functions;
mod hostile;
